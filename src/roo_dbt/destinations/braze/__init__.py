"""Braze: `users` through `/users/track` and `/users/delete`."""

from roo_dbt.destinations.braze.settings import Braze

__all__ = ["Braze"]
