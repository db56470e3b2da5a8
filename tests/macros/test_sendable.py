"""The dbt package in macros/: which values `roo_dbt.sendable` lets through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from tests.macros.lab import MACROS, ON_DUCKDB, Lab, values

from roo_dbt.destinations.braze import codes, limits

GOOD: dict[str, list[str | None]] = {
    "braze.external_id": ["1", "Å-17", "x" * 987],
    "braze.email": ["a@example.com", "a.b+c@mail.example.com", None],
    "braze.phone": ["+447700900123", "+15035550100", None],
    "braze.dob": ["1988-02-29", None],
    "braze.country": ["GB", "us", "XK", None],
    "braze.language": ["en", "nb", None],
    "braze.gender": ["F", "P", None],
    "braze.image_url": ["https://example.com/" + "p" * 1004, "http://x", None],
    "braze.email_subscribe": ["opted_in", "unsubscribed", None],
    "braze.nickname": ["", "ø" * 255, None],
    "iterable.userId": ["1"],
    "iterable.email": ["a@example.com"],
    "iterable.phoneNumber": ["+33639980113"],
    "iterable.biography": ["b" * 32_000],
}
BAD: dict[str, Mapping[str | None, str]] = {
    "braze.external_id": {
        None: "null",
        "": "blank",
        "   ": "blank",
        "x" * 988: "longer than 987 bytes",
        "Å" * 494: "longer than 987 bytes",
    },
    "braze.email": {
        "": "blank",
        **dict.fromkeys(
            (
                "example.com",
                "a@b",
                "a@b@example.com",
                "a b@example.com",
                "@example.com",
                "a@.com",
                "a@x..com",
                "a@x.",
                "a@b c.d",
            ),
            "not an e-mail address",
        ),
    },
    "braze.phone": dict.fromkeys(
        (
            "07700900123",
            "+0447700900123",
            "+1 503 555 0100",
            "+1503-5550100",
            "+1234567890123456",
            "++15035",
        ),
        "not an E.164 phone number",
    ),
    "braze.dob": dict.fromkeys(("29.02.1988", "1988-02-29 00:00:00", "1988-Feb-9"), "not a date, YYYY-MM-DD"),
    "braze.country": dict.fromkeys(("UK", "GBR", "Germany", ""), "not an ISO 3166-1 alpha-2 country code"),
    "braze.language": dict.fromkeys(("EN", "en-US", "no"), "not a language code that Braze lists"),
    "braze.gender": {"female": "not one of M, F, O, N, P", "f": "not one of M, F, O, N, P"},
    "braze.image_url": {
        "example.com/me.png": "not a URL",
        "https://example.com/" + "p" * 1005: "longer than 1024 characters",
    },
    "braze.email_subscribe": {"yes": "not one of opted_in, subscribed, unsubscribed"},
    "braze.nickname": {"ø" * 256: "longer than 255 characters"},
    "iterable.userId": {None: "null", " ": "blank"},
    "iterable.email": {"nobody": "not an e-mail address", None: "null"},
    "iterable.phoneNumber": {"555": "not an E.164 phone number"},
    "iterable.biography": {"b" * 32_001: "longer than 32000 characters"},
}


def model_tests() -> list[dict[str, Any]]:
    """One test for each field, over its part of the cases."""
    return [
        {
            "roo_dbt.sendable": {
                "arguments": {
                    "vendor": vendor,
                    "field": field,
                    "required": f"{vendor}.{field}" == "iterable.email",
                },
                "name": f"{vendor}__{field}",
                "config": {"where": f"field = '{vendor}.{field}'"},
            }
        }
        for vendor, field in (name.split(".") for name in GOOD)
    ]


def declare(lab: Lab) -> None:
    """The model of all the cases."""
    rows: list[tuple[str | None, ...]] = [
        (field, value) for field in GOOD for value in (*GOOD[field], *BAD[field])
    ]
    columns = [{"name": "text_value", "data_tests": model_tests()}]
    lab.write("models/cases.yml", {"models": [{"name": "cases", "columns": columns}]})
    lab.write("models/cases.sql", values(rows, "field, text_value"))


@pytest.fixture(scope="module")
def refused(lab: Lab) -> dict[str, dict[str | None, str]]:
    """By field: the values that the test refused, each with its reason."""
    declare(lab)
    built = lab.ran("build", returncode=1)
    assert "Compilation Error" not in built
    assert "Runtime Error" not in built
    assert "Database Error" not in built
    found = {
        field: lab.rows(
            f'select text_value, roo_dbt_problem from main_dbt_test__audit."{field.replace(".", "__")}"'
        )
        for field in GOOD
    }
    return {
        field: {str(value) if value is not None else None: str(why) for value, why in rows}
        for field, rows in found.items()
    }


def test_sendable_refuses_exactly_the_values_that_do_not_fit(
    refused: dict[str, dict[str | None, str]],
) -> None:
    assert refused == BAD


@ON_DUCKDB
def test_an_unknown_vendor_stops_the_compilation_and_names_the_known_ones(lab: Lab) -> None:
    said = lab.misused({"roo_dbt.sendable": {"arguments": {"vendor": "brase", "field": "email"}}})

    assert "unknown vendor 'brase'. Known: braze, iterable" in said


@pytest.mark.parametrize(
    ("macro", "known"), [("sendable_countries", codes.COUNTRIES), ("sendable_languages", codes.LANGUAGES)]
)
def test_the_macros_know_the_codes_that_sync_knows(macro: str, known: frozenset[str]) -> None:
    text = (MACROS / "checks" / "sendable_codes.sql").read_text(encoding="utf-8")
    body = text.split(f"macro {macro}()")[1].split("endmacro")[0]

    assert set(re.findall(r"\b[A-Za-z]{2,3}\b", " ".join(re.findall(r"'([^']+)'", body)))) == known


def test_the_macros_have_the_limits_that_sync_has() -> None:
    rules = (MACROS / "checks" / "sendable_rules.sql").read_text(encoding="utf-8")

    assert f"'external_id': {{'kind': 'identifier', 'max_length': {limits.EXTERNAL_ID.number}}}" in rules
    assert f"'image_url': {{'kind': 'url', 'max_length': {limits.IMAGE_URL.number}}}" in rules
    assert f"'*': {{'kind': 'text', 'max_length': {limits.TEXT.number}}}" in rules
