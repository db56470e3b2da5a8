"""How Iterable says that something went wrong: two JSON envelopes, plain text and HTML.

What the vendor writes in `msg` may quote values and keys, so none of it is passed on: only its codes are.
Source: https://api.iterable.com/api/docs (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from roo_dbt.destinations.protocol import judge_status
from roo_dbt.errors import Fatal, Retriable
from roo_dbt.records import Answer

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,79}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The vendor's code ("" when it gives none), the parameters beside it, and its words.

    `text` is for comparisons only and must never be shown.
    """

    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    def named(self, answer: Answer) -> str:
        """Status and code, as they may be shown."""
        return f"HTTP {answer.status} {self.code}".rstrip()


def json_body(answer: Answer) -> Any:
    """The body as JSON; None when it is not (an HTML page, say) or cut off."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def json_object(answer: Answer) -> dict[str, Any]:
    """The object in the body of a 2xx.

    Raises:
        Retriable: it is no JSON object, so it is not Iterable's own answer and proves nothing.
    """
    body = json_body(answer)
    if not isinstance(body, dict):
        raise Retriable(f"HTTP {answer.status} without JSON in it", ambiguous=True)
    return body


def refusal(answer: Answer) -> Refusal:
    """What an error says, from `{msg, code, params}` or `{error, message, code, data}`, or nothing.

    `code` can be "Success" on an error; then a code at the start of `msg` ("error.lists.…") counts.
    """
    body = json_body(answer)
    if not isinstance(body, dict):
        return Refusal()
    text = str(body.get("msg") or body.get("message") or "")
    code = str(body.get("code") or "")
    if code in ("", "Success") or not _CODE.fullmatch(code):
        match = _CODE.match(text) if text.startswith("error.") else None
        code = match.group() if match else ""
    params = body.get("params") or body.get("data")
    return Refusal(code, params if isinstance(params, dict) else {}, text)


def wait_seconds(answer: Answer) -> float | None:
    """How long to wait: `Retry-After`, else `params.rateLimitReset` (seconds), else None."""
    header = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d*)?", header):
        return float(header)
    try:
        # A date is measured from the server's own clock.
        then, now = parsedate_to_datetime(header), parsedate_to_datetime(answer.headers.get("date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        pass
    reset = refusal(answer).params.get("rateLimitReset")
    if isinstance(reset, int | float) and not isinstance(reset, bool) and reset >= 0:
        return float(reset)
    return None


def judge_answer(answer: Answer, host: str) -> None:
    """Raise what the status means (see `judge_status`), with advice for a refused key.

    Args:
        answer: any answer.
        host: the endpoint, to be named in the advice.

    Raises:
        Fatal: 401, 403, 404 … Retriable: 408, 425, 429, 5xx. Splittable: 413.
    """
    if answer.status in (401, 403):
        raise Fatal(f"Iterable refused the API key ({refusal(answer).named(answer)}).", hint=key_advice(host))
    if answer.status == 404:
        hint = "Check base_url: it is the host alone, without /api."
        raise Fatal(f"{host} has no such address (HTTP 404).", hint=hint)
    judge_status(answer, retry_in=wait_seconds(answer))


def key_advice(host: str) -> str:
    """What to check when Iterable refuses a key."""
    return (
        f"The key must be of the type Server-side, active, and from a project in the data centre of {host}: "
        "a key of the US data centre does not work in the EU one (data_center: us | eu)."
    )


def counted(answer: Answer, call: str) -> dict[str, Any]:
    """The body of a 2xx of a bulk call.

    Raises:
        Retriable: it lacks the counts that every bulk call answers with.
    """
    body = json_object(answer)
    if "failCount" not in body and "successCount" not in body and "failedUpdates" not in body:
        raise Retriable(f"HTTP {answer.status} without the counts of a {call}", ambiguous=True)
    return body


def confirm(answer: Answer) -> None:
    """Make sure that a 2xx of a call about one thing says that it was done.

    Raises:
        Retriable: it lacks the code `Success`, which every such call answers with.
    """
    if json_object(answer).get("code") != "Success":
        raise Retriable(f"HTTP {answer.status} that does not say Success", ambiguous=True)


def is_there(answer: Answer) -> bool:
    """Whether the answer to a look-up holds a user.

    Raises:
        Retriable: it is no answer to a look-up.
    """
    if says_absent(answer):
        return False
    body = json_object(answer)
    if body and "user" not in body:
        raise Retriable(f"HTTP {answer.status} without a user in it")
    user = body.get("user")
    return isinstance(user, dict) and any(user.values())


def says_absent(answer: Answer) -> bool:
    """Whether an error only means that there is no such user."""
    if answer.status < 400:
        return False
    why = refusal(answer)
    unknown = ("UnknownEmailError", "UnknownUserIdError")
    if why.code == "error.users.noUserWithIdExists":
        return True
    if answer.status == 404:
        return why.code in ("NotFound", *unknown)
    if answer.status != 400:
        return False
    return why.code in unknown or (why.code == "BadParams" and "does not exist" in why.text.lower())
