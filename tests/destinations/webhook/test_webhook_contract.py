"""The webhook passes the kit that every destination must pass: in batches, one by one, and unrepeatable."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import SecretStr
from tests.destinations.webhook.hook import Hook

from roo_dbt.destinations.webhook import Webhook
from roo_dbt.testing import DestinationContract, KnownError, Reply, Vendor


class TestWebhookInBatches(DestinationContract):
    app_type = Webhook
    object = "records"
    text_field = "city"
    other_field = "name"
    errors: ClassVar = [
        KnownError(Reply(409, json={}), "split"),
        KnownError(Reply(200, json={"status": "busy"}), "split"),
        KnownError(Reply(404), "fatal"),
        KnownError(Reply(504), "retriable"),
    ]
    settings: ClassVar[dict[str, Any]] = {"batch_size": 20, "idempotent": True}

    def app(self, url: str, secret: str) -> Webhook:
        return Webhook(
            url=f"{url}/in?source=kit",
            delete_url=f"{url}/gone",
            check_url=f"{url}/health",
            headers={"Authorization": SecretStr(f"Bearer {secret}"), "X-Source": "roo"},
            body={"records": "$records"},
            success={"status": "ok"},
            failures="errors",
            **self.settings,
        )

    def record(self, number: int) -> dict[str, Any]:
        return {"id": f"c-{number}", "name": f"Customer {number}", "city": f"City {number}"}

    def vendor(self) -> Vendor:
        return Hook()


class TestWebhookOneByOne(TestWebhookInBatches):
    errors: ClassVar = [KnownError(Reply(409, json={}), "refused")]
    settings: ClassVar[dict[str, Any]] = {"method": "PUT"}


class TestWebhookThatMustNotRepeat(TestWebhookInBatches):
    errors: ClassVar = [KnownError(Reply(200, json={"status": "busy"}), "refused")]
    settings: ClassVar[dict[str, Any]] = {"batch_size": 20}


class TestWebhookByTheStatusAlone(DestinationContract):
    app_type = Webhook
    object = "records"
    text_field = "city"
    other_field = "name"
    mode = "additive"
    reads_answers = False

    def app(self, url: str, secret: str) -> Webhook:
        return Webhook(url=url, headers={"X-Api-Key": SecretStr(secret)}, idempotent=True)

    def record(self, number: int) -> dict[str, Any]:
        return {"id": f"c-{number}", "name": f"Customer {number}", "city": f"City {number}"}
