"""A local Braze, and the way there that a sync takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import orjson
import pytest
from tests.destinations.braze.braze_samples import KEY, destination

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.protocol import Object, Send
from roo_dbt.export import export, open_lane
from roo_dbt.records import Change, Outcome, Request
from roo_dbt.report.progress import SilentProgress
from roo_dbt.sandbox import Sandbox
from roo_dbt.testing import StandingClock
from roo_dbt.transport import Transport


@dataclass
class World:
    """A sandbox, an app that points there, and what a sync would do with changes.

    Attributes:
        settings: of the app.
    """

    sandbox: Sandbox
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def app(self) -> Braze:
        return Braze.model_validate({"rest_endpoint": self.sandbox.url, "api_key": KEY, **self.settings})

    def object(self, name: str, *fields: str, **settings: Any) -> Object:
        """The object of a destination that maps these fields."""
        declared = destination(*fields, object=name, **settings)
        return self.app.objects[name](self.app, declared)

    def ship(self, obj: Object, *changes: Change, threads: int = 2) -> dict[int, Outcome]:
        """Send changes as a sync does; what became of each, by its sequence number."""
        with open_lane(
            self.app,
            app_name="braze",
            stop=threading.Event(),
            progress=SilentProgress(),
            threads=threads,
            clock=StandingClock(datetime(2026, 11, 22, tzinfo=timezone.utc)).clock(),
        ) as lane:
            shipment = export([list(changes)], obj.calls(), lane)
            return {change.seq: outcome for settled in shipment for change, outcome in settled}

    def ask(self, ask: Callable[[Send], Any]) -> Any:
        """Let something ask the sandbox."""
        app = self.app
        with Transport(app.endpoint, app.headers(), secrets=app.secrets()) as transport:
            return ask(transport.send)

    def profile(self, external_id: str) -> dict[str, Any]:
        """What the sandbox has of a user."""
        (found,) = (p for p in self.sandbox.braze_profiles if p["external_id"] == external_id)
        return found

    def paths(self) -> list[str]:
        """Where the requests since the last reset went."""
        return [entry.path for entry in self.sandbox.requests]

    def track(self, *attributes: dict[str, Any]) -> None:
        """Write users by hand, as somebody else would."""
        request = Request("POST", "/users/track", orjson.dumps({"attributes": attributes}))
        assert self.ask(lambda send: send(request)).status == 201


@pytest.fixture(scope="session")
def shared_braze() -> Iterator[Sandbox]:
    with Sandbox(enforce_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def world(shared_braze: Sandbox) -> World:
    shared_braze.reset()
    return World(shared_braze)
