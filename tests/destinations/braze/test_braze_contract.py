"""Braze passes the kit that every destination must pass, through the public protocol alone."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import SecretStr
from tests.destinations.sandboxed import SandboxedBraze

from roo_dbt.destinations.braze import Braze
from roo_dbt.records import Group
from roo_dbt.testing import DestinationContract, KnownError, Reply, Vendor


class TestBrazeUsers(DestinationContract):
    app_type = Braze
    text_field = "home_city"
    other_field = "first_name"
    wrong_values: ClassVar = [{"email": "no address"}, {"external_id": "x" * 1_000}]
    errors: ClassVar = [
        KnownError(Reply(403), "fatal"),
        KnownError(Reply(502, text="<html>Bad Gateway</html>"), "retriable"),
    ]

    def app(self, url: str, secret: str) -> Braze:
        return Braze(rest_endpoint=url, api_key=SecretStr(secret))

    def record(self, number: int) -> dict[str, Any]:
        return {
            "external_id": f"c-{number}",
            "email": f"kit{number}@example.com",
            "first_name": f"Customer {number}",
            "home_city": f"City {number}",
        }

    def vendor(self) -> Vendor:
        return SandboxedBraze()


class TestBrazeUsersInAnArrayOfGroups(TestBrazeUsers):
    groups = (Group("segments"),)


class TestBrazeEvents(DestinationContract):
    app_type = Braze
    object = "events"
    text_field = "properties.note"
    other_field = "properties.place"
    column_types: ClassVar = {"time": "TIMESTAMP"}

    def app(self, url: str, secret: str) -> Braze:
        return Braze(rest_endpoint=url, api_key=SecretStr(secret))

    def record(self, number: int) -> dict[str, Any]:
        return {
            "external_id": f"c-{number}",
            "name": f"Event {number}",
            "time": "2026-11-20T10:00:00.000Z",
            "properties.note": f"Note {number}",
            "properties.place": f"Place {number}",
        }

    def vendor(self) -> Vendor:
        return SandboxedBrazeEvents()


class TestBrazePurchases(TestBrazeEvents):
    object = "purchases"

    def record(self, number: int) -> dict[str, Any]:
        return {
            "external_id": f"c-{number}",
            "product_id": f"Product {number}",
            "currency": "EUR",
            "price": number + 0.5,
            "quantity": 2,
            "time": "2026-11-20T10:00:00.000Z",
            "properties.note": f"Note {number}",
            "properties.place": f"Place {number}",
        }


class SandboxedBrazeEvents(SandboxedBraze):
    """Events and purchases have no users to look at: what was sent is looked at."""

    def users(self) -> None:  # type: ignore[override]
        return None
