"""The SQL of each engine, a file each."""
