"""What a destination may not do unasked. Every guard is a sentence with the numbers and the way past it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roo_dbt.records import Destination, without_mark


@dataclass(frozen=True, slots=True)
class Identity:
    """What a snapshot belongs to. Empty text: not known, so not compared."""

    endpoint: str
    workspace: str
    key_columns: tuple[str, ...]


def other_identity(recorded: Identity, current: Identity, *, same_workspace: bool) -> list[str]:
    """Differences between what the snapshot was made for and where it would go now.

    Args:
        recorded: from the snapshot.
        current: from today's declaration.
        same_workspace: the user vouches that only the key was rotated.
    """
    reasons = []
    way = (
        "--full-refresh sends every record there as new and removes nobody; roo-dbt baseline takes them as "
        "being there already."
    )
    if recorded.endpoint and current.endpoint and recorded.endpoint != current.endpoint:
        reasons.append(
            f"the snapshot was sent to {recorded.endpoint}, and the app is at {current.endpoint}. {way}"
        )
    if not same_key_columns(recorded.key_columns, current.key_columns):
        was, now = ", ".join(recorded.key_columns), ", ".join(current.key_columns)
        reasons.append(f"the key was {was} and is now {now}. {way}")
    if (
        recorded.workspace
        and current.workspace
        and recorded.workspace != current.workspace
        and not same_workspace
    ):
        reasons.append(
            "the API key, or the app's workspace name, is not the one of the last sync. If it is the same "
            f"workspace with a rotated key, add --same-workspace; otherwise {way}"
        )
    return reasons


def same_key_columns(recorded: Sequence[str], current: Sequence[str]) -> bool:
    """Whether two keys name the same columns; warehouses differ in the case of names."""
    return [name.lower() for name in recorded] == [name.lower() for name in current]


def renamed(strangers: Sequence[str]) -> list[str]:
    """A destination that looks like an old one under a new name would send everything again."""
    if not strangers:
        return []
    names = " or ".join(strangers)
    reason = (
        f"it looks like {names} under a new name (same model, app and object), and would send every record"
    )
    way = (
        "Give it the old name back; or take over what was sent with "
        f"roo-dbt baseline --from {strangers[0]}; or send everything with --full-refresh, and drop the old "
        f"snapshot with roo-dbt forget {strangers[0]}."
    )
    return [f"{reason} again. {way}"]


def too_many(
    destination: Destination,
    *,
    rows: int,
    active: int,
    removals: int,
    cleared: Mapping[str, int],
    leavers: Mapping[str, int] | None = None,
) -> list[str]:
    """Removals and clears over the destination's `delete_limit`; an empty model whatever the limit.

    Args:
        destination: whose limit counts.
        rows: records of the model now.
        active: records of the snapshot that had not left.
        removals: records that left.
        cleared: fields and groups dropped from the YAML, with how many records would lose them.
        leavers: groups, with how many users would leave them and stay.
    """
    way = f"If that is right, add --yes-delete {destination.name}."
    if rows == 0 and active > 0:
        return [f"the model is empty, and the last sync had {active:,} records. {way}"]
    allowed = destination.delete_limit.records(active)
    limit = destination.delete_limit
    said = f"{limit.number:g}%" if limit.is_percentage else f"{limit.number:g}"
    reasons = []
    if removals > allowed:
        left = f"{removals:,} of {active:,} records left the model"
        reasons.append(f"{left}, and delete_limit {said} allows {allowed:,}. {way}")
    reasons += [
        f"{without_mark(name)} is no longer mapped and would be cleared in {count:,} records; "
        f"delete_limit {said} allows {allowed:,}. {way}"
        for name, count in cleared.items()
        if count > allowed
    ]
    reasons += [
        f"{count:,} users would leave {without_mark(name)}; delete_limit {said} allows {allowed:,}. {way}"
        for name, count in (leavers or {}).items()
        if count > allowed
    ]
    return reasons
