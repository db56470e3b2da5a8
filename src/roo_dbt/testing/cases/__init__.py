"""The cases that every destination must pass, by subject."""
