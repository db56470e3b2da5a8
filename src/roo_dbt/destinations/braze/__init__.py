"""Braze: users, events and purchases, through `/users/track` and what belongs to it."""

from roo_dbt.destinations.braze.settings import Braze

__all__ = ["Braze"]
