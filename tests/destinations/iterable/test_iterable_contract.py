"""Iterable passes the kit that every destination must pass, through the public protocol alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import SecretStr
from tests.destinations.sandboxed import SandboxedIterable

from roo_dbt.destinations.iterable import Iterable
from roo_dbt.testing import DestinationContract, KnownError, Reply, Vendor


class TestIterableUsersByEmail(DestinationContract):
    app_type = Iterable
    text_field = "city"
    other_field = "firstName"
    wrong_values: ClassVar = [{"email": "no address"}]
    errors: ClassVar = [
        KnownError(Reply(403), "fatal"),
        KnownError(Reply(502, text="<html>Bad Gateway</html>"), "retriable"),
    ]
    project_type: ClassVar[Literal["email", "user_id", "hybrid"]] = "email"

    def app(self, url: str, secret: str) -> Iterable:
        return Iterable(base_url=url, api_key=SecretStr(secret), project_type=self.project_type)

    def record(self, number: int) -> dict[str, Any]:
        return {
            "email": f"kit{number}@example.com",
            "firstName": f"Customer {number}",
            "city": f"City {number}",
        }

    def vendor(self) -> Vendor:
        return SandboxedIterable(iterable_project_type=self.project_type)


class TestIterableUsersById(TestIterableUsersByEmail):
    project_type: ClassVar[Literal["email", "user_id", "hybrid"]] = "user_id"
    wrong_values: ClassVar = []

    def record(self, number: int) -> dict[str, Any]:
        return {"userId": f"c-{number}", "firstName": f"Customer {number}", "city": f"City {number}"}


class TestIterableUsersByEmailInAHybridProject(TestIterableUsersByEmail):
    project_type = "hybrid"


class TestIterableUsersByIdInAHybridProject(TestIterableUsersById):
    project_type = "hybrid"


class TestIterableUsersWithAnIdBesideTheAddress(TestIterableUsersByEmail):
    project_type = "hybrid"

    def record(self, number: int) -> dict[str, Any]:
        return {**super().record(number), "userId": f"c-{number}"}

    def identity(self, record: Mapping[str, Any]) -> str:
        return str(record["userId"])


class TestIterableEvents(DestinationContract):
    app_type = Iterable
    object = "events"
    text_field = "dataFields.note"
    other_field = "dataFields.place"
    column_types: ClassVar = {"createdAt": "TIMESTAMP"}

    def app(self, url: str, secret: str) -> Iterable:
        return Iterable(base_url=url, api_key=SecretStr(secret), project_type="email")

    def record(self, number: int) -> dict[str, Any]:
        return {
            "email": f"kit{number}@example.com",
            "eventName": f"Event {number}",
            "createdAt": "2026-11-20T10:00:00.000Z",
            "dataFields.note": f"Note {number}",
            "dataFields.place": f"Place {number}",
        }

    def vendor(self) -> Vendor:
        return SandboxedIterableEvents()


class TestIterablePurchases(TestIterableEvents):
    object = "purchases"
    column_types: ClassVar = {"createdAt": "TIMESTAMP", "items": "JSON"}
    wrong_values: ClassVar = [{"total": "a lot"}, {"items": [{"id": "p-1"}]}]

    def record(self, number: int) -> dict[str, Any]:
        return {
            "email": f"kit{number}@example.com",
            "total": number + 0.5,
            "items": [{"id": f"p-{number}", "name": "Mug", "price": number + 0.5, "quantity": 1}],
            "createdAt": "2026-11-20T10:00:00.000Z",
            "dataFields.note": f"Note {number}",
            "dataFields.place": f"Place {number}",
        }


class TestIterableSubscriptions(DestinationContract):
    app_type = Iterable
    object = "subscriptions"
    options: ClassVar = {"overwrite": True}
    text_field = "emailListIds"
    other_field = "unsubscribedChannelIds"
    takes_text = False
    another_value: ClassVar = [31, 32]
    nulls_clear = False
    column_types: ClassVar = {"emailListIds": "BIGINT[]", "unsubscribedChannelIds": "BIGINT[]"}
    wrong_values: ClassVar = [{"emailListIds": ["a list"]}, {"unsubscribedChannelIds": 21}]

    def app(self, url: str, secret: str) -> Iterable:
        return Iterable(base_url=url, api_key=SecretStr(secret), project_type="email")

    def record(self, number: int) -> dict[str, Any]:
        lists, channels = [1_000 + number, 10_000 + number], [20_000 + number]
        return {
            "email": f"kit{number}@example.com",
            "emailListIds": lists,
            "unsubscribedChannelIds": channels,
        }

    def vendor(self) -> Vendor:
        return SandboxedIterableEvents()


class SandboxedIterableEvents(SandboxedIterable):
    """Events are for users who are there already, and are looked at as they were sent."""

    def __init__(self) -> None:
        super().__init__(iterable_project_type="email")
        everybody = [{"email": f"kit{number}@example.com"} for number in range(1, 1_002)]
        for users in (everybody[:1_000], everybody[1_000:]):
            self.client.post("/api/users/bulkUpdate", json={"users": users}, headers={"Api-Key": "kit"})

    def users(self) -> None:  # type: ignore[override]
        return None
