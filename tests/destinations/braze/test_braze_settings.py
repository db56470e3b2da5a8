"""The app: endpoint, key, headers, check."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.destinations.braze.braze_samples import APP, ENDPOINT, KEY

from roo_dbt.destinations.braze import Braze


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
