"""Checks of one value before it is sent.

Braze refuses a whole user for some bad values and silently drops the attribute for others, so every
rule is checked here, and the record fails with a reason. Each function returns the value to send, or
raises `InvalidValueError` with the rule that is broken, never with the value.

Source: https://www.braze.com/docs/api/objects_filters/user_attributes_object (read 2026-11-22).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from roo_dbt.destinations.braze import codes, limits
from roo_dbt.records import NOT_FINITE

Check = Callable[[Any], Any]
"""Returns the value to send; raises `InvalidValueError`."""

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>.]+(?:\.[^\s@,;<>.]+)+")
_PHONE = re.compile(r"\+?(?=.*[0-9])[0-9 ().\-/]{3,40}")
_TIME_OF_DAY = re.compile(
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_DATED = re.compile(r"[+-]?\d+-\d\d-\d\d(?:$|[T ])", re.ASCII)
_UNSAYABLE = "holds a number that JSON cannot say (NaN, infinity or too large)"


class InvalidValueError(ValueError):
    """A value that Braze would refuse or drop; the text is the rule, without the value."""


def text(value: Any) -> str:
    """A string of at most 255 characters."""
    if type(value) is str and len(value) <= limits.TEXT.number and not value.startswith(NOT_FINITE):
        return value
    return _bounded(value, limits.TEXT.number)


def _bounded(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("must be text")
    if value.startswith(NOT_FINITE):
        raise InvalidValueError(_UNSAYABLE)
    if len(value) > longest:
        raise InvalidValueError(
            f"has {len(value):,} characters; Braze would ignore a value of more than {longest:,}"
        )
    return value


def email(value: Any) -> str:
    """An address with one @ and a domain; Braze refuses the whole user for a malformed one."""
    if type(value) is str and _EMAIL.fullmatch(value) and len(value) <= limits.TEXT.number:
        return value
    _bounded(value, limits.TEXT.number)
    raise InvalidValueError("is not a valid e-mail address; Braze would refuse the whole user")


def phone(value: Any) -> str:
    """A telephone number; a whole number is sent as its digits."""
    if type(value) is int:
        value = str(value)
    if not _PHONE.fullmatch(_bounded(value, limits.TEXT.number)):
        raise InvalidValueError("is not a telephone number; best is the E.164 form (+14155550100)")
    return str(value)


def calendar_date(value: Any) -> str:
    """A date as `YYYY-MM-DD`."""
    if isinstance(value, str) and len(value) == 10 and _is_date(value):
        return value
    raise InvalidValueError("must be a date of the form YYYY-MM-DD")


def moment(value: Any) -> str:
    """A date or a time in ISO 8601, up to the year 3000."""
    if not isinstance(value, str) or not _is_date(value[:10]) or not _TIME_OF_DAY.fullmatch(value[10:]):
        raise InvalidValueError("must be a date or a time in ISO 8601 (YYYY-MM-DDTHH:MM:SS.sssZ)")
    return within_years(value)


def within_years(moment_text: str) -> str:
    """The same text, if its year is one that Braze keeps as a time."""
    if int(moment_text[:4]) > limits.LAST_YEAR:
        raise InvalidValueError(
            f"is a time after the year {limits.LAST_YEAR}, which Braze does not keep as one; use null"
        )
    return moment_text


def is_moment(value: str) -> bool:
    """Whether text is a date or a time in the form that roo-dbt writes (`YYYY-MM-DD`, `…T…Z`)."""
    if len(value) != 10 and not (value[10:11] == "T" and value[-1:] == "Z"):
        return False
    return _is_date(value[:10]) and _TIME_OF_DAY.fullmatch(value[10:]) is not None


def check_moments(value: Any) -> None:
    """Look for dates and times in a column of such, at any depth, that Braze would keep as text.

    Raises:
        InvalidValueError: a year of more or fewer than four digits.
    """
    if isinstance(value, str):
        if _DATED.match(value) and not is_moment(value):
            raise InvalidValueError(
                "holds a date whose year has not four digits, which Braze does not keep as one"
            )
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            check_moments(part)


def _is_date(value: str) -> bool:
    if len(value) != 10 or value[4] != "-" or value[7] != "-" or not value.isascii():
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def gender(value: Any) -> str:
    """One of M, F, O, N, P."""
    if isinstance(value, str) and value in codes.GENDERS:
        return value
    raise InvalidValueError("must be M, F, O (other), N (not applicable) or P (prefer not to say)")


def country(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code, sent in upper case."""
    if isinstance(value, str) and value.upper() in codes.COUNTRIES:
        return value.upper()
    raise InvalidValueError("must be an ISO 3166-1 alpha-2 country code (US, DE); Braze would store null")


def language(value: Any) -> str:
    """A language code that Braze lists."""
    if isinstance(value, str) and value in codes.LANGUAGES:
        return value
    raise InvalidValueError(
        "must be a language code that Braze lists: ISO 639-1, lower case, no region (en, de; nb, not no)"
    )


def time_zone(value: Any) -> str:
    """A name of the IANA database; where Python has no copy of it, only the form is checked."""
    if isinstance(value, str) and (value in _time_zones() or value in codes.US_TIME_ZONES):
        return value
    if isinstance(value, str) and not _time_zones() and re.fullmatch(r"[A-Za-z][\w+\-/]*", value):
        return value
    raise InvalidValueError("must be the name of an IANA time zone (Europe/Berlin); Braze ignores any other")


@cache
def _time_zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def image_url(value: Any) -> str:
    """A web address of at most 1,024 characters."""
    url = _bounded(value, limits.IMAGE_URL.number)
    if not url.startswith(("https://", "http://")):
        raise InvalidValueError("must be a web address that starts with https://")
    return url


def subscription_state(value: Any) -> str:
    """`opted_in`, `subscribed` or `unsubscribed`; Braze refuses the whole user for anything else."""
    if isinstance(value, str) and value in codes.SUBSCRIPTION_STATES:
        return value
    raise InvalidValueError(
        "must be opted_in, subscribed or unsubscribed; Braze would refuse the whole user for anything else"
    )


def boolean(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise InvalidValueError("must be true or false")


def integer(value: Any) -> int:
    """A whole number up to 2^53."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise InvalidValueError("must be a whole number")
    return _exact(value)


def number(value: Any) -> int | float:
    """A finite number; a whole one up to 2^53."""
    if type(value) is int:
        return _exact(value)
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is float or (isinstance(value, str) and value.startswith(NOT_FINITE)):
        raise InvalidValueError(_UNSAYABLE)
    raise InvalidValueError("must be a number")


def _exact(value: int) -> int:
    if abs(value) > limits.LARGEST_INTEGER:
        raise InvalidValueError("is a whole number beyond 2^53, which would be rounded; cast it to text")
    return value


def degrees(most: int) -> Check:
    """A check for a number of degrees between -`most` and `most`."""

    def check(value: Any) -> int | float:
        angle = number(value)
        if abs(angle) > most:
            raise InvalidValueError(f"must be between -{most} and {most} degrees")
        return angle

    return check
