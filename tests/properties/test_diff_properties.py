"""What must hold for any two tables and any answers of the vendor."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.tables import Engine, Version, engine, histories, said

from roo_dbt.errors import Blocked
from roo_dbt.records import ACCEPTED, Change, Outcome, refused
from roo_dbt.state import failures
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect

DIALECT = DuckDBDialect()

RANDOM = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))


def assert_vendor_has(sync: Engine, version: Version) -> None:
    """Every field of every record is at the vendor as in the model; nobody else is, in sync mode."""
    ignored = {line.field for line in version.mapping if line.nulls == "ignore"}
    model = sync.model()
    for key, record in model.items():
        user = sync.users[key]
        for name, value in record.items():
            if value is not None:
                assert said(user.get(name)) == said(value), (key, name)
            elif name not in ignored:
                assert name not in user, (key, name)
        assert set(user) <= set(record) | sync.forgettable
    if version.mode == "sync":
        assert not sync.cleared & set(model)
        others = set(sync.users) - set(model) - sync.cleared
        if version.on_removal == "clear":
            # Who had left before, and has nothing to be cleared, needs no request.
            others = {key for key in others if set(sync.users[key]) - {"external_id"}}
        assert others == set()


@RANDOM
@given(histories(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_after_a_sync_vendor_and_snapshot_are_what_the_model_is_and_the_next_one_is_silent(
    history: list[Version], refreshes: list[bool]
) -> None:
    with engine() as sync:
        for version, refresh in zip(history, refreshes, strict=False):
            sync.sync(version, full_refresh=refresh)
            assert_vendor_has(sync, version)
            assert sync.differences() == []
            again = sync.find(version)
            assert (again.found, again.held, again.unchanged) == (0, 0, len(version.keys))


@RANDOM
@given(histories(least=2))
def test_in_a_large_table_hashes_find_everything_that_differs(history: list[Version]) -> None:
    with engine() as sync, mock.patch("roo_dbt.diff.suspects.LEAST_ROWS", 0):
        for version in history:
            sync.sync(version)
            assert_vendor_has(sync, version)
            assert sync.differences() == []


PERMANENT = refused("rejected", "no")
TRANSIENT = Outcome("failed", "unavailable", "later")
OUTCOMES = st.sampled_from([ACCEPTED, ACCEPTED, PERMANENT, TRANSIENT])


@RANDOM
@given(histories(least=2), st.lists(OUTCOMES, min_size=12, max_size=12))
def test_exactly_the_refused_changes_are_not_in_the_snapshot(
    history: list[Version], outcomes: list[Outcome]
) -> None:
    *earlier, last = history
    given_by_key: dict[tuple[str, str], Outcome] = {}

    def answer(change: Change) -> Outcome:
        outcome = outcomes[change.seq % len(outcomes)]
        given_by_key[change.key, change.operation] = outcome
        return outcome

    with engine() as sync:
        for version in earlier:
            sync.sync(version)
        sync.sync(last, answer)
        again = sync.find(last)
        due = {(change.key, change.operation) for change in sync.changes}
        assert due == {about for about, outcome in given_by_key.items() if outcome == TRANSIENT}
        assert again.held == sum(outcome == PERMANENT for outcome in given_by_key.values())
        kept = {f.key: f.permanent for f in failures(sync.session, sync.layout)}
        assert kept == {
            key: outcome.permanent for (key, _), outcome in given_by_key.items() if outcome != ACCEPTED
        }
        sync.sync(last, full_refresh=True)
        assert_vendor_has(sync, last)
        assert sync.differences() == []


@RANDOM
@given(histories(least=2), st.sets(st.integers(1, 12)), st.booleans())
def test_an_interrupted_run_is_folded_in_and_the_rest_is_sent_by_the_next(
    history: list[Version], confirmed: set[int], rebuilt: bool
) -> None:
    *earlier, last = history
    with engine() as sync:
        for version in earlier:
            sync.sync(version)
        frozen = sync.sync(last, confirmed=confirmed)
        done = {change.seq for change in sync.changes} & confirmed
        sync.recover()
        follow = earlier[-1] if rebuilt else last
        rest = sync.sync(follow)
        if not rebuilt:
            assert rest.total == frozen.total - len(done)
        assert_vendor_has(sync, follow)
        assert sync.differences() == []


@RANDOM
@given(
    histories(least=2, most=4),
    st.lists(
        st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 4)), OUTCOMES), min_size=4, max_size=4
    ),
)
def test_no_mixture_of_limits_refreshes_and_refusals_loses_a_record(
    history: list[Version], how: list[tuple[bool, int | None, Outcome]]
) -> None:
    with engine() as sync:
        for version, (refresh, limit, outcome) in zip(history, how, strict=False):
            found = sync.sync(version, lambda _: outcome, full_refresh=refresh, limit=limit)  # noqa: B023
            assert found.total <= (limit if limit is not None else found.found)
            deletes = [change.operation == "delete" for change in sync.changes]
            assert deletes == sorted(deletes), "removals go last"
        sync.sync(history[-1], full_refresh=True)
        assert_vendor_has(sync, history[-1])
        assert sync.differences() == []
        assert sync.find(history[-1]).found == 0


@RANDOM
@given(histories(most=2), st.lists(st.integers(1, 6), max_size=2))
def test_a_key_that_is_twice_blocks_in_any_mode_after_any_history(
    history: list[Version], again: list[int]
) -> None:
    last = history[-1]
    with engine() as sync:
        for version in history:
            sync.sync(version)
        rows = dict(zip(last.keys, last.rows, strict=True))
        added = [(key, rows.get(key, ("NULL",) * len(last.types))) for key in again]
        keys = (*last.keys, *(key for key, _ in added))
        repeated = replace(last, keys=keys, rows=(*last.rows, *(row for _, row in added)))
        if len(set(keys)) == len(keys):
            assert sync.find(repeated).rows == len(keys)
            return
        with pytest.raises(Blocked, match="keys appear more than once"):
            sync.find(repeated)
