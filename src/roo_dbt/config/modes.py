"""Sync mode and first sync of a destination, and the settings that they leave without effect."""

from __future__ import annotations

from collections.abc import Collection

from roo_dbt.config.problems import Place
from roo_dbt.destinations.protocol import Object
from roo_dbt.records import Problem, SyncMode

ORDER: tuple[SyncMode, ...] = ("sync", "additive", "enrich")
"""The modes as they are listed."""


def check_mode(kind: type[Object], mode: SyncMode | None, place: Place) -> Problem | None:
    """What is wrong with the mode of a destination of this object."""
    modes = [one for one in ORDER if one in kind.modes]
    if mode is None and modes:
        message = f"is required and has no default: {', '.join(modes)}. Only sync removes users."
        return place.problem("sync-mode-missing", message)
    if mode is not None and not modes:
        message = f"{kind.name} have no sync mode; leave it out."
        return place.problem("sync-mode-unsupported", message, value=mode)
    if mode is not None and mode not in modes:
        message = f"{kind.name} do not support this mode; they have {', '.join(modes)}."
        return place.problem("sync-mode-unsupported", message, value=mode)
    return None


def check_first_sync(kind: type[Object], first_sync: str | None, place: Place) -> Problem | None:
    """What is wrong with the first sync: records that go once need one, others must not have one."""
    if first_sync is None and not kind.modes:
        message = (
            f"is required for {kind.name}: send, or baseline to take what is there as already sent. "
            "Years of old records can trigger campaigns."
        )
        return place.problem("first-sync-missing", message)
    if first_sync is not None and kind.modes:
        message = (
            f"is for what goes once, such as events; {kind.name} go by sync_mode. Leave it out, and type "
            "roo-dbt baseline if the records are there already."
        )
        return place.problem("first-sync-unsupported", message, value=first_sync)
    return None


def idle_settings(
    kind: type[Object], mode: SyncMode | None, given: Collection[str], place: Place
) -> list[Problem]:
    """Warnings for the settings in `given` that do nothing here."""
    if kind.modes:
        reason = f"in mode {mode}"
        idle = {
            "on_removal": mode in ("additive", "enrich"),
            "recheck_days": mode in ("sync", "additive"),
        }
    else:
        reason = f"of {kind.name}, which go once and are neither changed nor removed"
        idle = dict.fromkeys(("on_removal", "delete_limit", "recheck_days", "nulls"), True)
    return [
        place.at(name).problem(
            "setting-without-effect", f"has no effect for a destination {reason}.", severity="warning"
        )
        for name, has_no_effect in idle.items()
        if has_no_effect and name in given
    ]
