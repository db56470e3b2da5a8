"""The app: endpoint, key, headers, check."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.destinations.braze.braze_samples import APP, ENDPOINT, KEY, answer

from roo_dbt.destinations.braze import Braze
from roo_dbt.records import Answer, Request


def endpoint(text: str) -> str:
    return Braze.model_validate({"rest_endpoint": text, "api_key": KEY}).endpoint


def complaint(text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        endpoint(text)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("https://rest.iad-01.braze.com", "https://rest.iad-01.braze.com"),
        (" https://REST.fra-02.braze.eu// ", "https://rest.fra-02.braze.eu"),
        ("https://rest.new-99.braze.com", "https://rest.new-99.braze.com"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost:9", "http://localhost:9"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_a_rest_endpoint_is_normalised(written: str, used: str) -> None:
    assert endpoint(written) == used


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("rest.iad-01.braze.com", "write https://rest.iad-01.braze.com"),
        ("http://rest.iad-01.braze.com", "write https://rest.iad-01.braze.com"),
        ("http://127.0.0.1.example.com", "must start with https://"),
        ("https://dashboard-03.braze.com", "write https://rest.iad-03.braze.com"),
        ("https://dashboard-01.braze.eu/dashboard", "write https://rest.fra-01.braze.eu"),
        ("https://dashboard-10.braze.com", "write https://rest.us-10.braze.com"),
        ("https://dashboard.au-01.braze.com", "write https://rest.au-01.braze.com"),
        ("https://sdk.jp-01.braze.com", "write https://rest.jp-01.braze.com"),
        ("https://dashboard.braze.com", "not a REST endpoint"),
        ("https://rest.iad-01.braze.com/users/track", "without a path; write https://rest.iad-01.braze.com"),
        ("https://key@rest.iad-01.braze.com", "a scheme and a host, nothing else"),
        ("https://", "https://rest.iad-01.braze.com"),
        ("", "write https://rest.iad-01.braze.com"),
    ],
)
def test_another_endpoint_is_refused_with_what_to_write(written: str, hint: str) -> None:
    assert hint in complaint(written)


@pytest.mark.parametrize("size", [0, 76])
def test_more_or_fewer_objects_than_braze_takes_are_refused(size: int) -> None:
    with pytest.raises(ValidationError, match="max_objects"):
        Braze.model_validate({"rest_endpoint": ENDPOINT, "api_key": KEY, "max_objects": size})


def test_the_key_is_in_the_header_and_in_no_text_of_the_app() -> None:
    assert APP.headers() == {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    assert APP.secrets() == (KEY,)
    assert KEY not in repr(APP)


class Vendor:
    """Answers by path and remembers what was asked."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return answer(self.statuses[request.path.rpartition("/")[2]], {"message": f"no {KEY}"})


def test_a_400_to_an_empty_request_means_that_the_key_may() -> None:
    vendor = Vendor(track=400, delete=400)
    findings = APP.check(vendor, ["users"])
    assert [(finding.subject, finding.ok) for finding in findings] == [
        ("users.track", True),
        ("users.delete", True),
    ]
    assert [request.body for request in vendor.asked] == [b'{"attributes":[]}', b'{"external_ids":[]}']


def test_a_401_names_the_host_as_a_cause_and_ends_the_check() -> None:
    vendor = Vendor(track=401)
    (finding,) = APP.check(vendor, ["users"])
    assert not finding.ok
    assert ENDPOINT in finding.message
    assert "another instance" in finding.message
    assert KEY not in finding.message


def test_a_403_names_the_missing_permission() -> None:
    track, delete = APP.check(Vendor(track=403, delete=403), ["users"])
    assert "lacks the permission users.track" in track.message
    assert "lacks the permission users.delete" in delete.message
    assert "cannot be edited" in track.message
    assert "on_removal: delete" in delete.message


@pytest.mark.parametrize(("status", "text"), [(404, "not a REST endpoint"), (503, "HTTP 503")])
def test_any_other_status_is_no_proof(status: int, text: str) -> None:
    findings = APP.check(Vendor(track=status, delete=status), ["users"])
    assert all(not finding.ok and text in finding.message for finding in findings)


def test_objects_without_needs_are_not_checked() -> None:
    assert APP.check(Vendor(), ["unheard_of"]) == []
