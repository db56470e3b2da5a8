"""From the answer of a bulkUpdate to one outcome per user.

Iterable answers 200 even when it refused every user, and names the refused ones by identifier.
Source: https://api.iterable.com/api/docs#users_bulkUpdateUser (read 2026-11-22).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.identity import Identity, is_blank
from roo_dbt.destinations.iterable.moves import Successor
from roo_dbt.records import ACCEPTED, Change, Item, Outcome, refused

_FORGOTTEN = refused("forgotten", "Iterable was told to forget this user (GDPR) and takes no more data")
_BAD_EMAIL = refused(
    "invalid_value", "Iterable refused the e-mail address: its form, or a top-level domain it does not know"
)
_BAD_USER_ID = refused(
    "invalid_value",
    "Iterable refused the userId: it must be printable ASCII, not too long, without a space at its end",
)
_BAD_DATA = refused(
    "invalid_value",
    "Iterable refused a value of this user and does not say which: compare the types of the columns with "
    "those of the project's fields",
)
NOT_FOUND = Outcome("failed", "absent", "Iterable has no such user")
_AGAIN = (
    "Create them there or set create_new_fields: true, then send the records again with roo-dbt sync "
    "--full-refresh"
)
_FROM_NOW_ON = "Create them there or set create_new_fields: true for the events to come"
_LISTED = refused("rejected", "Iterable lists this user as refused, without a reason")
_UNNAMED = refused("rejected", "Iterable refused this user and does not say why")


def absent_user(identity: Identity) -> Outcome:
    """The outcome of a user whom `enrich` did not find; remembered until the record changes."""
    message = f"Iterable has no user with this {identity.field}, and sync_mode enrich creates none"
    return Outcome("skipped", "absent", message, permanent=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the lists of an answer mean for one call.

    `verdicts`: outcomes by the name of a list, where they are not the usual ones. `profile`: the request
    held profiles, so that the other identifier and the fields can be named, too.
    """

    verdicts: Mapping[str, Outcome] = field(default_factory=dict)
    profile: bool = True


# In this order the first reason counts when a user is listed under several.
_REASONS: tuple[tuple[str, str, Outcome], ...] = (
    ("forgottenEmails", EMAIL, _FORGOTTEN),
    ("forgottenUserIds", USER_ID, _FORGOTTEN),
    ("invalidEmails", EMAIL, _BAD_EMAIL),
    ("invalidUserIds", USER_ID, _BAD_USER_ID),
    ("conflictEmails", EMAIL, refused("conflict", "another user of the project already has this email")),
    ("conflictUserIds", USER_ID, refused("conflict", "another user of the project already has this userId")),
    ("invalidDataEmails", EMAIL, _BAD_DATA),
    ("invalidDataUserIds", USER_ID, _BAD_DATA),
    ("notFoundEmails", EMAIL, NOT_FOUND),
    ("notFoundUserIds", USER_ID, NOT_FOUND),
)
# Beside `failedUpdates` stand two arrays of older answers, "users that failed", whatever the reason.
_OLDER = (("invalidEmails", EMAIL), ("invalidUserIds", USER_ID))


def bulk_outcomes(
    items: Sequence[Item], body: Mapping[str, Any], identity: Identity, reading: Reading
) -> Sequence[Outcome | None]:
    """One outcome per user, in their order.

    None where the answer counts more refused users than it names, or names one that two users of the
    request could be: these are to be asked for alone. A single user is refused then.
    """
    outcomes: list[Outcome | None] = [ACCEPTED] * len(items)
    if reading.profile:
        outcomes = _accepted(items, body, identity)
    failed = body.get("failCount")
    counted = failed if isinstance(failed, int) else 0
    named = list(named_failures(body))
    if not counted and not named:
        return outcomes
    named = [(key, name, reading.verdicts.get(key, usual), values) for key, name, usual, values in named]
    found, doubtful, strangers = _attribute(items, named, identity, others=reading.profile)
    missing = counted - len(found) if isinstance(failed, int) else strangers
    for row in range(len(items)):
        if row in found:
            outcomes[row] = found[row]
        elif missing > 0 or row in doubtful:
            outcomes[row] = _UNNAMED if len(items) == 1 else None
    return outcomes


def named_failures(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Outcome, list[Any]]]:
    """The lists of refused users that are not empty: name, identifier field, outcome, identifiers."""
    updates = body.get("failedUpdates")
    lists = updates if isinstance(updates, dict) else {}
    for key, name, outcome in _REASONS:
        if isinstance(values := lists.get(key), list) and values:
            yield key, name, outcome, values
    for key, name in _OLDER:
        if isinstance(values := body.get(key), list) and values:
            yield f"older {key}", name, _LISTED, values


def _attribute(
    items: Sequence[Item],
    named: Sequence[tuple[str, str, Outcome, list[Any]]],
    identity: Identity,
    *,
    others: bool,
) -> tuple[dict[int, Outcome], set[int], int]:
    """Outcomes by row, rows that may or may not be meant, and how many identifiers fit no row."""
    first = _rows(identity, [item.match for item in items])
    beside = [item.change.new.get(identity.other) if others else None for item in items]
    second = _rows(identity, beside, identity.other)
    found: dict[int, Outcome] = {}
    doubtful: set[int] = set()
    strangers = 0
    for key, name, outcome, values in named:
        known = first if name == identity.field else second
        for value, count in Counter(identity.fold(value, name) for value in values).items():
            rows = known.get(value, [])
            strangers += not rows and not key.startswith("older")
            if len(rows) > count:
                doubtful.update(rows)
                continue
            for row in rows:
                found.setdefault(row, outcome)
    return found, doubtful, strangers


def _rows(identity: Identity, values: Sequence[Any], name: str | None = None) -> dict[str, list[int]]:
    """Which rows hold an identifier, as it is compared."""
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if not is_blank(value):
            rows.setdefault(identity.fold(value, name), []).append(row)
    return rows


def _accepted(items: Sequence[Item], body: Mapping[str, Any], identity: Identity) -> list[Outcome | None]:
    """The outcomes of users that were taken, with what nobody should have to find out for themselves."""
    return [
        _with_notes(_left_behind(identity, item.change), identity.kept_other(item.change), *notes)
        for item, notes in zip(items, _field_notes(items, body, _AGAIN), strict=True)
    ]


def accepted_events(items: Sequence[Item], body: Mapping[str, Any], inside: str) -> list[Outcome | None]:
    """The outcomes of events that were taken; `inside` is what the names of their fields begin with."""
    return [_with_notes(*notes) for notes in _field_notes(items, body, _FROM_NOW_ON, inside)]


def _with_notes(*notes: str | None) -> Outcome:
    message = "; ".join(note for note in notes if note)
    return replace(ACCEPTED, message=message) if message else ACCEPTED


def _field_notes(
    items: Sequence[Item], body: Mapping[str, Any], remedy: str, inside: str = ""
) -> Iterator[list[str]]:
    """For each item, which of its fields were dropped, and which were new to the project."""
    dropped, created = _names(body, "filteredOutFields", inside), _names(body, "createdFields", inside)
    for item in items:
        notes = []
        if lost := [name for name in dropped if _carries(item, name, inside)]:
            notes.append(f"Iterable dropped {', '.join(lost)}: the project takes no new fields. {remedy}")
        if made := [name for name in created if _carries(item, name, inside)]:
            notes.append(f"Iterable created the {'event' if inside else 'profile'} fields {', '.join(made)}")
            # Said once a request is enough.
            created = [name for name in created if name not in made]
        yield notes


def _left_behind(identity: Identity, change: Change) -> str | None:
    """What to tell when the old user of a moved record is, or was, another record's, too."""
    if not isinstance(change, Successor) or not change.shared:
        return None
    if change.deserted:
        return (
            f"{identity.field} has changed, and several records had the old one: the new one got the whole "
            f"record; the old user {change.left} is left alone, out of its lists"
        )
    return (
        f"{identity.field} has changed, and the old one is another record's by now: the new one got the "
        "whole record"
    )


def _names(body: Mapping[str, Any], key: str, inside: str) -> list[str]:
    names = body.get(key)
    return [str(name).removeprefix(inside) for name in names] if isinstance(names, list) else []


def _carries(item: Item, wanted: str, inside: str) -> bool:
    """Whether a request for this change holds the field, something inside it or something around it."""
    change = item.change
    sent = change.old if change.clears else change.new if change.whole else change.changed
    return any(
        name == wanted or name.startswith(f"{wanted}.") or wanted.startswith(f"{name}.")
        for name in (each.removeprefix(inside) for each in sent)
    )
