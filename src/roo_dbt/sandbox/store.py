"""Everything a sandbox knows: two vendors, the faults and the log, behind one lock."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from roo_dbt.sandbox.braze import Braze
from roo_dbt.sandbox.exchange import Reply, Request, Vendor
from roo_dbt.sandbox.faults import KINDS, Fault, FaultDial, refused_by
from roo_dbt.sandbox.iterable import PREFIX, Iterable
from roo_dbt.sandbox.log import Entry, RequestLog, without_keys
from roo_dbt.sandbox.settings import Settings


class Store:
    """The state of a running sandbox. Every method may be called from any thread.

    Args:
        settings: shared with the vendors; changes to it take effect at once.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.faults = FaultDial(settings.seed)
        for values in settings.faults:
            self.faults.set(values)
        self.log = RequestLog(settings.log_size)
        self.version = 0
        self.braze = Braze(settings)
        self.iterable = Iterable(settings)

    def reset(self) -> None:
        """Forget users, events, lists, faults and requests; the settings stay."""
        with self.lock:
            self.faults = FaultDial(self.settings.seed)
            self.log.clear()
            self.braze = Braze(self.settings)
            self.iterable = Iterable(self.settings)
            self.version += 1

    def clear_requests(self) -> None:
        """Empty the log and its counts."""
        with self.lock:
            self.log.clear()
            self.version += 1

    def vendor(self, path: str) -> Vendor:
        """Who answers `path`."""
        return self.iterable if path.startswith(PREFIX) else self.braze

    def meet_fault(self, request: Request) -> Fault | None:
        """The fault that meets this request, if any, counted down."""
        if not self.faults:
            return None
        with self.lock:
            return self.faults.meet(request, self.vendor(request.path).name)

    def answer(self, request: Request, fault: Fault | None) -> Reply:
        """Carry the request out as far as the fault lets it, and make the reply."""
        with self.lock:
            vendor = self.vendor(request.path)
            if fault is None:
                return vendor.handle(request)
            request.refused = refused_by(fault)
            reply = vendor.handle(request) if fault.writes else None
            return KINDS[fault.kind].effect(fault, vendor, reply)

    def record(
        self, request: Request, reply: Reply, started: float, *, fault: Fault | None, peer: Any
    ) -> None:
        """Put an exchange into the log. `started` is a reading of `perf_counter`."""
        query = "&".join(
            f"{name}={value}" for name, value in request.query.items() if "key" not in name.lower()
        )
        key = request.headers.get("authorization", "").partition(" ")[2] if reply.status == 401 else None
        entry = Entry(
            number=0,
            at=self.settings.clock(),
            vendor=self.vendor(request.path).name,
            method=request.method,
            path=request.path,
            query=query,
            status=reply.status,
            objects=reply.objects,
            seconds=perf_counter() - started,
            raw=without_keys(request.body),
            answer=without_keys(reply.payload(), key),
            fault=fault.kind if fault else None,
            warnings=request.warnings,
        )
        with self.lock:
            self.log.add(entry, peer)
            self.version += 1

    def state(self, limit: int | None = None) -> dict[str, Any]:
        """What both vendors hold, at most `limit` users, events and purchases of each."""
        with self.lock:
            braze, iterable = self.braze.state(limit), self.iterable.state(limit)
            counts = {
                "braze_users": braze["user_count"],
                "braze_events": len(self.braze.workspace.events),
                "braze_purchases": len(self.braze.workspace.purchases),
                "iterable_users": iterable["user_count"],
                "iterable_lists": len(iterable["lists"]),
                "iterable_events": len(self.iterable.events.events),
                "requests": self.log.total,
            }
            return {"version": self.version, "counts": counts, "braze": braze, "iterable": iterable}

    def latest(self, *, since: int = 0, limit: int = 100, characters: int = 2_000) -> list[dict[str, Any]]:
        """Requests numbered above `since`, latest first, their bodies cut after `characters`."""
        with self.lock:
            found: list[dict[str, Any]] = []
            for entry in reversed(self.log.entries):
                if entry.number <= since or len(found) >= limit:
                    break
                found.append(entry.summary(characters))
            return found

    def adjust(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Change `latency` (seconds) and `enforce_limits` while running, and say what holds."""
        with self.lock:
            if values.get("latency") is not None:
                self.settings.latency = max(float(values["latency"]), 0.0)
            if values.get("enforce_limits") is not None:
                self.settings.enforce_limits = bool(values["enforce_limits"])
                self.braze.meters.enforce = self.iterable.meters.enforce = self.settings.enforce_limits
            return {
                "latency": self.settings.latency,
                "enforce_limits": self.settings.enforce_limits,
                "contract": self.settings.contract,
                "iterable_project_type": self.settings.iterable_project_type,
            }
