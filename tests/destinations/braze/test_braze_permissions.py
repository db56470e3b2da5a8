"""Whether the key may do what the destinations need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.destinations.braze.braze_samples import APP, ENDPOINT, KEY, answer, destination

from roo_dbt.records import Answer, Destination, Request

TRACK, DELETE = "users.track", "users.delete"
RENAME, EXPORT = "users.external_ids.rename", "users.export.ids"


class Vendor:
    """Answers by the end of the path and remembers what was asked."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return answer(self.statuses.get(request.path.rpartition("/")[2], 400), {"message": f"no {KEY}"})


def test_a_400_to_an_empty_request_means_that_the_key_may() -> None:
    vendor = Vendor(track=400, delete=400)
    findings = APP.check(vendor, ["users"])
    assert [(finding.subject, finding.ok) for finding in findings] == [(TRACK, True), (DELETE, True)]
    assert [request.body for request in vendor.asked] == [b'{"attributes":[]}', b'{"external_ids":[]}']


def test_a_401_names_the_host_as_a_cause_and_ends_the_check() -> None:
    (finding,) = APP.check(Vendor(track=401), ["users"])
    assert not finding.ok
    assert ENDPOINT in finding.message
    assert "another instance" in finding.message
    assert KEY not in finding.message


def test_a_403_names_the_missing_permission() -> None:
    track, delete = APP.check(Vendor(track=403, delete=403), ["users", "events"])
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


def keyed(**settings: Any) -> Destination:
    """A destination whose external_id is the key, so that it never changes."""
    return replace(destination("external_id", "email", key=("external_id",)), **settings)


@pytest.mark.parametrize(
    ("destinations", "permissions"),
    [
        ([keyed()], [TRACK, DELETE]),
        ([keyed(on_removal="clear")], [TRACK]),
        ([keyed(sync_mode="additive")], [TRACK]),
        ([keyed(sync_mode="enrich")], [TRACK]),
        ([keyed(sync_mode="enrich", options={"verify": True})], [TRACK, EXPORT]),
        ([keyed(key=("customer_id",))], [TRACK, DELETE, RENAME, EXPORT]),
        ([keyed(key=("customer_id",), identifier=("email",))], [TRACK, DELETE]),
        ([keyed(object="events", sync_mode=None)], [TRACK]),
        ([keyed(object="purchases", sync_mode=None), keyed()], [TRACK, DELETE]),
    ],
)
def test_the_permissions_that_the_destinations_need_are_tried_once(
    destinations: list[Destination], permissions: list[str]
) -> None:
    assert [finding.subject for finding in APP.check_for(Vendor(), destinations)] == permissions


def test_a_permission_that_only_explains_is_no_failure_without_verify() -> None:
    renamed = keyed(key=("customer_id",))
    *_, export = APP.check_for(Vendor(ids=403), [renamed])
    assert export.ok
    assert "whose new external_id is taken stays in its groups" in export.message
    verified = keyed(sync_mode="enrich", options={"verify": True})
    findings = APP.check_for(Vendor(ids=403), [renamed, verified])
    (needed,) = (finding for finding in findings if finding.subject == EXPORT)
    assert not needed.ok
    assert "needed by `verify: true`" in needed.message
