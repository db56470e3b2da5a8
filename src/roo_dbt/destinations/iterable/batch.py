"""What an HTTP 4xx says about the users of a request that Iterable refused as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from roo_dbt.destinations.iterable.answers import Refusal, refusal
from roo_dbt.errors import Splittable
from roo_dbt.records import Answer, Code, Item, Outcome, refused

_FULL = Outcome(
    "failed",
    "rejected",
    "the project has as many profile fields as Iterable allows (UniqueFieldsLimitExceeded): map fewer new "
    "fields, or ask Iterable for more",
)
_SINGLE: Mapping[str, tuple[Code, str]] = {
    "InvalidEmailAddressError": ("invalid_value", "Iterable refused the e-mail address"),
    "InvalidUserIdError": ("invalid_value", "Iterable refused the userId"),
    "ForgottenUserError": (
        "forgotten",
        "Iterable was told to forget this user (GDPR) and takes no more data",
    ),
    "EmailAlreadyExists": ("conflict", "another user of the project already has this email"),
    "UserIdAlreadyExists": ("conflict", "another user of the project already has this userId"),
    "ExternalKeyConflict": ("conflict", "its email and its userId belong to two users of the project"),
    "Conflict": ("conflict", "its email and its userId belong to two users of the project"),
    "UnknownEmailError": ("absent", "Iterable has no such user"),
    "UnknownUserIdError": ("absent", "Iterable has no such user"),
}
_NO_TEXT = frozenset({"long", "double", "boolean", "object"})


def refused_batch(items: Sequence[Item], answer: Answer, what: str = "user") -> Sequence[Outcome]:
    """Outcomes of a request that was refused as a whole, where no smaller request could do better.

    Args:
        items: what it held.
        answer: the refusal, a 4xx.
        what: an item is, in messages.

    Raises:
        Splittable: some of its users may be fine; nothing of it was processed.
    """
    why = refusal(answer)
    if why.code == "UniqueFieldsLimitExceeded":
        return [_FULL] * len(items)
    if why.code == "RequestFieldsTypesMismatched":
        return _mismatched(items, why)
    if len(items) > 1:
        raise Splittable(f"Iterable refused the request as a whole ({why.named(answer)})")
    return [single_refusal(why, answer, what)]


def single_refusal(why: Refusal, answer: Answer, what: str = "user") -> Outcome:
    """The outcome of a request for one item that was answered with a 4xx; see `refused_batch`."""
    if why.code in _SINGLE:
        return refused(*_SINGLE[why.code])
    if answer.status == 409:
        return refused(*_SINGLE["Conflict"])
    # BadJsonBody names the place, "obj.users[0].dataFields"; what stands there is not for messages.
    places = ", ".join(str(place) for place in why.params if str(place).startswith("obj"))
    return refused(
        "rejected", f"Iterable refused the {what} ({why.named(answer)}){places and f' at {places}'}"
    )


def _mismatched(items: Sequence[Item], why: Refusal) -> Sequence[Outcome]:
    expected = _expected_types(why)
    fields = ", ".join(f"{name} as {type_}" for name, type_ in expected.items() if type_)
    untyped = ", ".join(name for name, type_ in expected.items() if not type_)
    wanted = f": it wants {fields}" if fields else f": it names {untyped}" if untyped else ""
    outcome = refused(
        "invalid_value",
        f"Iterable refused the type of a value (the first one it ever got fixed the field's type){wanted}",
    )
    if len(items) == 1 or _all_wrong(items, expected):
        return [outcome] * len(items)
    raise Splittable("Iterable refused the type of a value (RequestFieldsTypesMismatched)")


def _expected_types(why: Refusal) -> dict[str, str]:
    """The fields that Iterable names, each with the type it wants ("" when it does not say)."""
    errors = why.params.get("validationErrors")
    found: dict[str, str] = {}
    for name, error in errors.items() if isinstance(errors, dict) else ():
        expected = error.get("expectedType") if isinstance(error, dict) else None
        # A project's own prefix may stand before the name: "my_project_etl:::plan".
        found[str(name).rpartition(":::")[2]] = expected if isinstance(expected, str) else ""
    return found


def _all_wrong(items: Sequence[Item], expected: Mapping[str, str]) -> bool:
    """Whether every user sends text to one of these fields that cannot hold text.

    Then the column has the wrong type, and sending a thousand users one by one would only say so again.
    """
    fields = [name.split(".") for name, type_ in expected.items() if type_ in _NO_TEXT]
    return any(
        all(isinstance(_value(orjson.loads(item.body), path), str) for item in items) for path in fields
    )


def _value(user: Any, path: Sequence[str]) -> Any:
    inside = user.get("dataFields")
    for part in path:
        inside = inside.get(part) if isinstance(inside, dict) else None
    return inside
