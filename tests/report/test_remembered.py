"""What the state remembers, as people read it."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text

from roo_dbt.destinations.description import (
    AppDescription,
    IdentifierDescription,
    ObjectDescription,
    SettingDescription,
)
from roo_dbt.destinations.protocol import Field, Identifier, KnownField, Limit
from roo_dbt.records import Unaccepted
from roo_dbt.records.history import GoneSnapshot, Happening, RecordLife
from roo_dbt.report.described import app_lines, identifier_words, object_lines, overview_lines
from roo_dbt.report.remembered import baseline_lines, field_lines, gone_lines, life_lines

WAITING = Unaccepted(
    "braze_customers",
    "42",
    "update",
    "failed",
    "rejected",
    "The e-mail is not valid",
    2,
    "2026-11-21T00:00:00Z",
    "2026-11-22T03:04:05Z",
    permanent=True,
)
HAPPENING = Happening("2026-11-22T03:04:05Z", "7d5c2f88-aa", "update", "failed", "rejected", "no\x1b")
WHY = "The e-mail is not valid (2 attempts since 2026-11-21 00:00:00)"
LIFE = RecordLife(
    "braze_customers", "42", "active", "2026-11-20T01:02:03Z", True, WAITING, True, (HAPPENING,)
)
OBJECT = ObjectDescription(
    "letters",
    "A row becomes a letter.",
    (),
    (),
    (IdentifierDescription("", ()),),
    (Field("subject", "text", "What it is about.", required=True, consent=True),),
    "static",
    (),
    (),
)
APP = AppDescription(
    "postbox",
    "Postbox",
    (SettingDescription("type", "postbox", "", "Makes it one.", required=True),),
    (OBJECT,),
    (Limit("send", 75, "letters a request", "https://postbox.example/limits", "2026-11-22"),),
)


def text(lines: list[Text]) -> list[str]:
    return [line.plain for line in lines]


def test_the_life_of_a_record_says_where_it_stands_and_what_happened() -> None:
    assert text(life_lines(LIFE)) == [
        "braze_customers 42",
        "  The vendor has it, last accepted 2026-11-20 01:02:03.",
        "  It is in the model now.",
        f"  It is held until it changes, or until `roo-dbt retry`: rejected, {WHY}.",
        "  A run has not ended, or was interrupted: what it did is shown after the next one.",
        "",
        "when                 operation  outcome  code      run       message",
        "2026-11-22 03:04:05  update     failed   rejected  7d5c2f88  no\N{REPLACEMENT CHARACTER}",
    ]


def test_a_record_that_waits_says_what_for() -> None:
    unsure = replace(LIFE, waiting=replace(WAITING, status="unknown"))
    due = replace(LIFE, waiting=replace(WAITING, permanent=False))
    neither = replace(LIFE, waiting=None)

    assert "Nobody knows whether it arrived: rejected" in text(life_lines(unsure))[3]
    assert "`roo-dbt retry` sends it again." in text(life_lines(unsure))[3]
    assert text(life_lines(due))[3].startswith("  It is due, and was not accepted so far")
    assert text(life_lines(neither))[3].startswith("  A run has not ended")


def test_a_record_without_history_says_that_days_are_kept() -> None:
    bare = replace(LIFE, standing="absent", synced_at=None, in_model=False, waiting=None, happenings=())

    assert text(life_lines(bare))[1:3] == [
        "  No vendor has accepted it.",
        "  It is not in the model now.",
    ]
    assert "history_days" in text(life_lines(bare))[-1]
    left = replace(bare, standing="departed", in_model=None, interrupted=False)
    assert text(life_lines(left))[1:-1] == ["  It left the model and stays at the vendor."]


def test_gone_snapshots_are_listed_with_what_to_do() -> None:
    gone = GoneSnapshot(
        "old", "model.shop.customers", "braze", "users", "https://x", 1200, "2026-11-20T01:02:03Z"
    )

    lines = text(gone_lines([gone]))

    assert lines[3].split() == ["old", "customers", "braze", "users", "1,200", "2026-11-20", "01:02:03"]
    assert "roo-dbt forget NAME" in lines[-1]
    assert gone_lines([]) == []


def test_fields_are_counted_and_none_is_said() -> None:
    assert text(field_lines("braze", [KnownField("tier", "text")])) == [
        "field  type",
        "tier   text",
        "1 field",
    ]
    assert "braze names no fields" in text(field_lines("braze", []))[0]
    assert "no destination is selected" in text(baseline_lines([]))[0]


def test_what_is_described_says_what_there_is_not() -> None:
    lines = text(object_lines(APP, OBJECT, APP.settings))

    assert lines[0] == "Postbox letters: A row becomes a letter."
    assert [line.split(maxsplit=1) for line in lines[1:4]] == [
        ["sync", "modes  none; first_sync: send or baseline"],
        ["groups", "none"],
        ["identifier", "none"],
    ]
    assert "  subject  text  required, consent  What it is about." in lines
    assert "  There are no custom fields." in lines
    assert "Fields that cannot be mapped" not in lines
    assert any("75  letters a request  2026-11-22  https://postbox.example/limits" in line for line in lines)


def test_a_vendor_and_the_overview_name_every_object() -> None:
    assert "  postbox:letters  no sync mode  A row becomes a letter." in text(app_lines(APP))
    assert "  postbox:letters  A row becomes a letter." in text(overview_lines([APP], APP.settings))
    assert "  type     postbox  required  Makes it one." in text(app_lines(APP))


def test_alternatives_are_told_best_first() -> None:
    alternatives = (Identifier(("a", "b")), Identifier(("email",), "lower"))

    words = identifier_words(IdentifierDescription("kind: x", alternatives))

    assert words == "a and b, else email (compared without case) (kind: x)"
