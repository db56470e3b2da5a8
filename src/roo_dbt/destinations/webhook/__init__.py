"""Webhook: records as JSON to an URL of your own."""

from roo_dbt.destinations.webhook.settings import Webhook

__all__ = ["Webhook"]
