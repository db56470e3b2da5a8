"""For any set of refused users exactly those outcomes fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.records import Answer, Item

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]
PROJECTS = (
    ("email", "email"),
    ("email", "userId"),
    ("user_id", "userId"),
    ("hybrid", "email"),
    ("hybrid", "userId"),
)
REASONS = {
    "invalid": "invalid_value",
    "invalidData": "invalid_value",
    "forgotten": "forgotten",
    "conflict": "conflict",
    "notFound": "absent",
}

spelling = st.sampled_from([str.lower, str.upper, str.title, lambda text: f"  {text} "])
people = st.lists(
    st.tuples(st.integers(0, 400), spelling, st.sampled_from(["", *REASONS])),
    min_size=1,
    max_size=40,
    unique_by=lambda person: person[0],
)


class Vendor:
    """Refuses users and names them the way Iterable does: addresses in lower case, userIds as they came."""

    def __init__(self, reasons: list[str], *, by: str, names: Callable[[int], bool]) -> None:
        self._reasons = reasons
        self._suffix = "Emails" if by == "email" else "UserIds"
        self._by = by
        self._names = names

    def answer(self, body: bytes) -> Answer:
        updates: dict[str, list[str]] = {}
        failed = 0
        for user in orjson.loads(body)["users"]:
            row = user["dataFields"]["row"]
            if reason := self._reasons[row]:
                failed += 1
                if self._names(row):
                    updates.setdefault(f"{reason}{self._suffix}", []).append(user[self._by])
        counts = {"successCount": len(self._reasons) - failed, "failCount": failed}
        return Answer(200, {}, orjson.dumps({**counts, "failedUpdates": updates}))


def batch(world: World, drawn: list[tuple[int, Callable[[str], str], str]]) -> list[Item]:
    by = world.destination.identifier[0]
    rows = []
    for row, (number, spelt, _) in enumerate(drawn):
        email = spelt(f"person{number}@example.org")
        # Ids that differ in case only are different users.
        user_id = f"{'aA'[number % 2]}{number // 2}"
        values: dict[str, Any] = {"row": row, by: email if by == "email" else user_id}
        rows.append(world.item(world.create(values, row)))
    return rows


@given(drawn=people, project=st.sampled_from(PROJECTS))
def test_exactly_the_refused_users_fail(
    world: MakeWorld, drawn: list[tuple[int, Callable[[str], str], str]], project: tuple[str, str]
) -> None:
    w = world(*project)
    reasons = [reason for _, _, reason in drawn]
    items = batch(w, drawn)
    body = w.bulk.request(items).body
    assert body is not None
    outcomes = w.bulk.outcomes(items, Vendor(reasons, by=project[1], names=lambda _: True).answer(body))
    codes = [outcome and outcome.code for outcome in outcomes]
    assert codes == [REASONS[reason] if reason else None for reason in reasons]
    assert [bool(outcome and outcome.status == "accepted") for outcome in outcomes] == [
        not r for r in reasons
    ]


@given(drawn=people, project=st.sampled_from(PROJECTS), unnamed=st.sets(st.integers(0, 40)))
def test_no_refused_user_counts_as_accepted_even_if_some_are_not_named(
    world: MakeWorld,
    drawn: list[tuple[int, Callable[[str], str], str]],
    project: tuple[str, str],
    unnamed: set[int],
) -> None:
    w = world(*project)
    reasons = [reason for _, _, reason in drawn]
    items = batch(w, drawn)
    vendor = Vendor(reasons, by=project[1], names=lambda row: row not in unnamed)
    body = w.bulk.request(items).body
    assert body is not None
    outcomes = list(w.bulk.outcomes(items, vendor.answer(body)))
    for row, outcome in enumerate(outcomes):
        if outcome is None:
            alone = w.bulk.request([items[row]]).body
            assert alone is not None
            outcomes[row] = w.bulk.outcomes([items[row]], vendor.answer(alone))[0]
    assert [bool(outcome and outcome.status == "accepted") for outcome in outcomes] == [
        not r for r in reasons
    ]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    old=st.dictionaries(st.sampled_from("abc"), values, max_size=3),
    new=st.dictionaries(st.sampled_from("abc"), values, max_size=3),
)
def test_merging_an_object_leaves_what_the_record_says(
    world: MakeWorld, old: dict[str, Any], new: dict[str, Any]
) -> None:
    w = world()
    before = {"email": "a@x.org", "thing": old, "other.part": 1}
    user = w.user(w.update(before, thing=new, other__part=2))
    stored = merged({"thing": old}, {"thing": user["dataFields"].get("thing", old)})
    assert without_nulls(stored["thing"]) == without_nulls(new)


def merged(into: Any, update: Any) -> Any:
    """What merging does: the keys of objects, all else replaced."""
    if not (isinstance(into, dict) and isinstance(update, dict)):
        return update
    return {**into, **{name: merged(into.get(name), value) for name, value in update.items()}}


def without_nulls(value: Any) -> Any:
    """A profile as it is read back: a null is an absent key, and an object of nothing but nulls is empty."""
    if not isinstance(value, dict):
        return value
    return {
        name: without_nulls(inner) for name, inner in value.items() if without_nulls(inner) not in (None, {})
    }
