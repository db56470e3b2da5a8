"""Settings of the connection, and `check`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from roo_dbt.destinations import iterable
from roo_dbt.destinations.iterable import Iterable
from roo_dbt.destinations.iterable.limits import SUBSCRIBE, UNPUBLISHED
from roo_dbt.destinations.iterable.list_calls import Join
from roo_dbt.destinations.iterable.settings import UnpublishedCall
from roo_dbt.destinations.iterable.users import Users
from roo_dbt.records import Answer, Finding, Group, Request

MakeAnswer = Callable[..., Answer]


def app(**settings: Any) -> Iterable:
    return Iterable.model_validate({"api_key": "key-1", "project_type": "hybrid", **settings})


def faults(**settings: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        app(**settings)
    return [(str(error["loc"][0]), error["type"]) for error in caught.value.errors()]


def test_the_package_offers_one_class() -> None:
    assert iterable.__all__ == ["Iterable"]


def test_each_data_centre_has_its_host() -> None:
    assert app().endpoint == "https://api.iterable.com"
    assert app(data_center="eu").endpoint == "https://api.eu.iterable.com"


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        ("https://proxy.example/", "https://proxy.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080//", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_base_url_overrides_the_data_centre(given: str, endpoint: str) -> None:
    assert app(base_url=given, data_center="eu").endpoint == endpoint


@pytest.mark.parametrize(
    "given",
    [
        "http://api.iterable.com",
        "http://127.0.0.1.example.com",
        "https://api.iterable.com/api",
        "https://user:secret@api.iterable.com",
        "https://api.iterable.com?x=1",
        "api.iterable.com",
        "ftp://api.iterable.com",
        "https://",
        "https://x:99999",
        "https://[",
        "",
    ],
)
def test_a_base_url_is_an_https_host_or_a_loopback_address(given: str) -> None:
    assert faults(base_url=given) == [("base_url", "bad-base-url")]


def test_the_project_type_must_be_said() -> None:
    with pytest.raises(ValidationError, match="project_type"):
        Iterable.model_validate({"api_key": "key-1"})
    assert faults(project_type="userID") == [("project_type", "literal_error")]


def test_the_eu_has_no_email_based_projects() -> None:
    assert faults(project_type="email", data_center="eu") == [("project_type", "eu-email-project")]
    assert app(project_type="email").project_type == "email"


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "soon"])
def test_settle_seconds_is_a_length_of_time(seconds: object) -> None:
    assert [place for place, _ in faults(settle_seconds=seconds)] == ["settle_seconds"]
    assert app().settle_seconds == 60


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_fits_no_header_is_refused(key: str) -> None:
    assert faults(api_key=key) == [("api_key", "bad-api-key")]


def test_the_key_travels_in_a_header_and_shows_nowhere_else() -> None:
    connection = app(api_key=" key-1\n")
    assert connection.headers() == {"Api-Key": "key-1"}
    assert connection.secrets() == ("key-1",)
    assert "key-1" not in repr(connection)


def test_unknown_settings_are_refused() -> None:
    assert faults(region="us") == [("region", "extra_forbidden")]


def check(reply: Answer) -> Finding:
    sent: list[Request] = []

    def send(request: Request) -> Answer:
        sent.append(request)
        return reply

    (finding,) = app().check(send, ["users"])
    assert sent == [Request("GET", "/api/lists")]
    return finding


def test_check_reads_the_lists(answer: MakeAnswer) -> None:
    finding = check(answer({"lists": [{"id": 1}]}))
    assert finding == Finding(
        "API key", True, "https://api.iterable.com accepts the key; the project has 1 list."
    )


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"code": "BadApiKey", "msg": "", "params": {"ip": "10.0.0.7"}}, "Server-side"),
        (403, "Forbidden", "Server-side"),
        (404, "<html>", "base_url"),
        (200, "<html>", "base_url"),
        (200, {"lists": None}, "base_url"),
        (503, "<html>", "Try again later"),
        (429, {"code": "RateLimitExceeded", "msg": ""}, "HTTP 429 RateLimitExceeded"),
    ],
)
def test_check_says_what_to_do_about_a_refusal(
    answer: MakeAnswer, status: int, body: object, words: str
) -> None:
    finding = check(answer(body, status))
    assert not finding.ok
    assert words in finding.message
    assert "10.0.0.7" not in finding.message


def test_only_rates_that_iterable_does_not_publish_can_be_set() -> None:
    assert tuple(limit.name.partition(" ")[2] for limit in UNPUBLISHED) == get_args(UnpublishedCall)
    assert faults(rates={"users/bulkUpdate": 50}) == [("rates", "literal_error")]
    assert faults(rates={"lists/subscribe": 0}) == [("rates", "greater_than")]


def test_calls_that_share_a_limit_share_the_rate_that_is_set(world: Callable[..., Any]) -> None:
    w = world(groups=[Group("vip", list_id=7)])
    before = {call.name: call.rate.number for call in w.users.calls()}
    faster = app(project_type="email", rates={"lists/subscribe": 20})
    calls = Users(faster, w.destination).calls()
    joins = [call.rate for call in calls if call.name == "join_lists"]
    assert [limit.number for limit in joins] == [20, 20]
    assert joins[0] is joins[1]
    assert {call.name: call.rate.number for call in calls} == {**before, "join_lists": 20}
    assert Join.rate is SUBSCRIBE
