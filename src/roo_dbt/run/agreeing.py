"""Mapped columns that do not agree with the fields that a workspace has: warnings that stop nobody."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from roo_dbt.destinations.protocol import App, Object
from roo_dbt.errors import ConfigurationProblem, RooError
from roo_dbt.export import Lane, RetryPolicy, open_lane
from roo_dbt.records import Destination, Problem
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run.opening import Opened

_ONCE = RetryPolicy(attempts=1, seconds=10.0, longest_wait=5.0)
"""A plan does not wait for a vendor that is slow or limits its rate."""


def field_warnings(opened: Opened) -> list[Problem]:
    """What a plan can say of the fields of the workspaces: of those alone whose keys are set.

    It only asks, once. A vendor that does not tell is a warning, too, so that nobody takes silence for
    agreement.
    """
    found: list[Problem] = []
    for name in dict.fromkeys(destination.app for destination in opened.destinations):
        destinations = [one for one in opened.destinations if one.app == name and one.enabled]
        if not any(is_comparable(opened, one) for one in destinations):
            continue
        try:
            app = opened.connect(name)
        except ConfigurationProblem:
            # A plan needs no keys.
            continue
        try:
            found += _asked(opened, app, name, destinations)
        except RooError as error:
            said = f"not compared with the mapped columns: {error.message}"
            found.append(
                Problem("fields-not-compared", said, path=f"vars.roo.apps.{name}", severity="warning")
            )
    return found


def _asked(opened: Opened, app: App, name: str, destinations: Sequence[Destination]) -> list[Problem]:
    progress, stop = SilentProgress(), threading.Event()
    with open_lane(app, app_name=name, stop=stop, progress=progress, threads=1, policy=_ONCE) as lane:
        return [problem for _, problem in disagreements(opened, app, lane, destinations)]


def disagreements(
    opened: Opened, app: App, lane: Lane, destinations: Sequence[Destination]
) -> list[tuple[Destination, Problem]]:
    """What the fields of the workspace say about the columns of these destinations.

    Raises:
        RooError: the vendor does not tell its fields; that wants a permission of its own, which no sync
            needs.
    """
    compared = [one for one in destinations if is_comparable(opened, one)]
    with lane.watch.inside("fields"):
        known = app.fields(lane.send) if compared else ()
    found = []
    for destination in compared:
        obj = opened.object(destination, app)
        with lane.watch.inside("check_fields"):
            problems = obj.check_fields(opened.mapped(destination), known)
            found += [(destination, problem) for problem in problems]
    return found


def is_comparable(opened: Opened, destination: Destination) -> bool:
    """Whether the vendor has fields to compare the columns of a destination with."""
    return opened.object_class(destination).check_fields is not Object.check_fields
