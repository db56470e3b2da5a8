"""Braze's attributes objects: made of changes, and packed into requests, without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, interleaved, timed

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.limits import TRACK_OBJECTS
from roo_dbt.destinations.protocol import Call
from roo_dbt.export.batch import Packer
from roo_dbt.records import Change, Destination, Item, Mapped, Model, Relation

TURNS = 10
"""The same users go so many times, so that what is measured is not the memory of a million records."""


def objects(_folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """Ten times `number` users, against writing objects that lie ready as dicts."""
    call, changes = _track(), [_change(key) for key in range(number)]
    size, total = TRACK_OBJECTS.number, number * TURNS
    users = [{**change.new, "external_id": str(change.key)} for change in changes]
    ready = [users[start : start + size] for start in range(0, number, size)]
    due = ceil(total / size)

    def build() -> Cost:
        sent: list[int] = []
        cost = _computed(lambda: sent.append(_built(call, changes)))
        if sent != [due]:
            raise RuntimeError(f"{due} requests were due, and {sent} were made")
        return cost

    def floor() -> Cost:
        return _computed(
            lambda: [orjson.dumps({"attributes": batch}) for _ in range(TURNS) for batch in ready]
        )

    figure = Figure(f"{total:,} attribute objects built, CPU", None, "orjson.dumps of ready dicts")
    for measured in interleaved([(figure, build)], floor, rounds):
        rate = total / median(cost.cpu for cost in measured.costs)
        measured.note = f"{due:,} requests, {rate:,.0f} objects/s"
        yield measured


def _computed(work: Callable[[], object]) -> Cost:
    """The CPU that work takes, on the clock's place too: nothing is waited for here."""
    cost = timed(work)
    return Cost(cost.cpu, cost.cpu)


def _built(call: Call, changes: list[Change]) -> int:
    """Make every request of the changes, as the export does; how many there are."""
    packer, made = Packer(call), 0
    for _ in range(TURNS):
        for change in changes:
            item = call.item(change)
            if not isinstance(item, Item) or packer.refusal(item):
                raise RuntimeError(f"record {change.key} makes no object")
            batch = packer.add(item)
            if batch:
                call.request(batch)
                made += 1
    for rest in packer.flush():
        call.request(rest)
        made += 1
    return made


def _track() -> Call:
    app = Braze.model_validate({"rest_endpoint": "http://127.0.0.1", "api_key": "key"})
    model = Model(
        "model.shop.customers", "customers", "model", Relation(None, "main", "customers", ""), "", {}, {}
    )
    destination = Destination(
        name="customers",
        model=model,
        app="braze",
        object="users",
        key=("id",),
        mapping=tuple(Mapped(field, column) for field, column in shop.BRAZE.items()),
        identifier=("external_id",),
        sync_mode="sync",
    )
    calls = app.objects["users"](app, destination).calls()
    return next(call for call in calls if call.name == "track")


def _change(key: int) -> Change:
    values: dict[str, Any] = {
        "external_id": key,
        "email": f"user{key}@example.com",
        "first_name": f"First{key % 997}",
        "last_name": f"Last{key % 1999}",
        "home_city": f"City {key % 211}",
        "plan": "team",
        "ltv": key * 37 % 100_000 / 100,
    }
    return Change(key, "create", str(key), {}, values, tuple(values))
