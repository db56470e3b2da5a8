"""A receiver of webhooks that keeps records by their id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roo_dbt.testing import Received, Reply, Vendor


class Hook(Vendor):
    """Stores what comes to /in and drops what comes to /gone.

    Args:
        refused: ids that it names as refused in its answer.
    """

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.refused = refused

    def answer(self, received: Received) -> Reply:
        errors = []
        for record in (received.json or {}).get("records", []):
            fields = record["fields"]
            name = str(fields["id"])
            if name in self.refused:
                errors.append({"key": record["key"], "message": "not on the list"})
            elif received.path == "/gone":
                self.records.pop(name, None)
            else:
                self.records.setdefault(name, {}).update(fields)
        return Reply(200, json={"status": "ok", "errors": errors})

    def users(self) -> Mapping[str, Mapping[str, Any]]:
        return self.records
