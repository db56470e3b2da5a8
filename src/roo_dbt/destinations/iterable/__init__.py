"""Iterable: users in email-based, userID-based and hybrid projects."""

from roo_dbt.destinations.iterable.settings import Iterable

__all__ = ["Iterable"]
