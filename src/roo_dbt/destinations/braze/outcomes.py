"""Braze's answers → one outcome per object sent. Pure.

A 201 may carry errors for some of the objects, and a 400 reasons for each of them. Both name the object by
`input_array` and `index`, its position in that array; the texts vary, so nothing is read from them.
Sources: https://www.braze.com/docs/api/errors and
https://www.braze.com/docs/api/endpoints/user_data/post_user_track (read 2026-11-22).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import orjson

from roo_dbt.destinations.braze.retry_headers import seconds_asked
from roo_dbt.destinations.protocol import judge_status
from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import ACCEPTED, MASK, Answer, Outcome, refused

logger = logging.getLogger(__name__)

TEXT_LIMIT = 300
"""Characters of a vendor's sentence that a message keeps."""

_UNPROCESSED = (502, 503)
"""What did not reach Braze's servers, or found no room.

https://www.braze.com/docs/api/errors (read 2026-11-22)
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What is needed to explain an answer: the endpoint, the permission it takes, the secrets to hide."""

    endpoint: str
    permission: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def quote(self, text: object) -> str:
        """A vendor's text on one line, without secrets, cut to `TEXT_LIMIT` characters."""
        line = " ".join(str(text).split())
        for secret in self.secrets:
            line = line.replace(secret, MASK) if secret else line
        return line if len(line) <= TEXT_LIMIT else f"{line[: TEXT_LIMIT - 1]}…"


def judge(answer: Answer, source: Source, *, now: float) -> None:
    """What the status says about the whole request; `now` is UTC epoch seconds.

    Raises:
        Fatal, Retriable, Splittable: as `judge_status`, with what Braze means by it.
    """
    if answer.status == 401:
        raise Fatal(
            f"Braze does not accept the API key at {source.endpoint} (401): the key is wrong, or it belongs "
            "to another instance than rest_endpoint.",
            hint="Compare rest_endpoint and the key with the dashboard, Settings > APIs and Identifiers.",
        )
    if answer.status == 403:
        raise Fatal(
            f"The API key lacks the permission {source.permission} (403).",
            hint="The permissions of a Braze key cannot be edited: create a new key with all it needs.",
        )
    if answer.status == 404:
        raise Fatal(
            f"{source.endpoint} does not know this URL (404): rest_endpoint is not a REST endpoint of Braze.",
            hint="It looks like https://rest.iad-01.braze.com.",
        )
    judge_status(answer, retry_in=seconds_asked(answer.headers, now=now), unprocessed=_UNPROCESSED)


@dataclass(slots=True)
class Errors:
    """The errors of an answer: sentences by position, and those that name no object we sent."""

    by_index: dict[int, list[str]] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, raw: object, *, array: str, count: int, source: Source) -> Errors:
        """Sort what Braze put under `errors`; never fails, whatever it is."""
        errors = cls()
        entries = raw if isinstance(raw, list) else [raw] if raw else []
        for entry in entries:
            index = _position(entry, array, count)
            sentence = source.quote(_sentence(entry))
            if index is None:
                errors.unplaced.append(sentence)
            else:
                errors.by_index.setdefault(index, []).append(sentence)
        if count == 1 and errors.unplaced:
            errors.by_index.setdefault(0, []).extend(errors.unplaced)
            errors.unplaced = []
        return errors

    def failure(self, index: int) -> Outcome | None:
        """The refusal of one object, None if no error names it."""
        sentences = self.by_index.get(index)
        return refused("rejected", f"Braze: {'; '.join(sentences)}") if sentences else None


def _position(entry: object, array: str, count: int) -> int | None:
    if not isinstance(entry, dict) or entry.get("input_array") != array:
        return None
    index = entry.get("index")
    return index if type(index) is int and 0 <= index < count else None


def _sentence(entry: object) -> object:
    if isinstance(entry, dict):
        return entry.get("type") or entry.get("message") or "an error without a text"
    return entry


def track_outcomes(
    answer: Answer, count: int, source: Source, *, array: str = "attributes", repeatable: bool = True
) -> list[Outcome | None]:
    """One outcome for each of the `count` objects sent in `array`; None where the answer does not say.

    What is not `repeatable` is due again only if Braze surely did not take it.

    Raises:
        Retriable: a success whose body is not Braze's. Splittable: all refused, without a reason each.
    """
    body = read_body(answer)
    if answer.status >= 400:
        return _refused_request(answer, body, count, source, array)
    message = succeeded(answer, body, source)
    if message and not repeatable:
        return [Outcome("unknown", "ambiguous", f"Braze: {message}")] * count
    if message:
        return [Outcome("failed", "rejected", f"Braze: {message}")] * count
    errors = Errors.read(body.get("errors"), array=array, count=count, source=source)
    processed = body.get(f"{array}_processed")
    if type(processed) is int and processed + len(errors.by_index) != count and not errors.unplaced:
        logger.warning(
            "Braze counted %d of %d %s and named errors for %d", processed, count, array, len(errors.by_index)
        )
    otherwise = None if errors.unplaced else ACCEPTED
    return [errors.failure(index) or otherwise for index in range(count)]


def _refused_request(
    answer: Answer, body: dict[str, Any], count: int, source: Source, array: str
) -> list[Outcome | None]:
    message = source.quote(body.get("message") or body.get("error") or "no reason given")
    errors = Errors.read(body.get("errors"), array=array, count=count, source=source)
    if "max input length exceeded" in message.lower() or not errors.by_index:
        reasons = "; ".join(dict.fromkeys(errors.unplaced))
        raise Splittable(f"Braze refused the request ({answer.status}): {source.quote(reasons or message)}")
    # Objects without an entry were not processed: they are asked for alone, once.
    return [errors.failure(index) for index in range(count)]


def delete_outcomes(
    answer: Answer, count: int, source: Source, *, array: str = "external_ids"
) -> list[Outcome | None]:
    """Accepted for every user, if Braze queued the request: it says neither which users it found nor why not.

    Raises:
        Retriable: a success whose body is not Braze's. Splittable: refused as a whole.
    """
    body = read_body(answer)
    if answer.status >= 400:
        raise refusal(answer, body, source)
    if "deleted" in body and "message" not in body:
        body = {**body, "message": "success"}
    message = succeeded(answer, body, source)
    if message:
        return [Outcome("failed", "rejected", f"Braze: {message}")] * count
    errors = Errors.read(body.get("errors"), array=array, count=count, source=source)
    otherwise = None if errors.unplaced else ACCEPTED
    return [errors.failure(index) or otherwise for index in range(count)]


def rename_answer(answer: Answer, source: Source) -> tuple[Outcome | None, frozenset[str], list[str]]:
    """The failure of all, if it is no success; the ids that were renamed; the errors' texts.

    Raises:
        Retriable: a success whose body is not Braze's. Splittable: refused as a whole.
    """
    body = read_body(answer)
    if answer.status >= 400:
        raise refusal(answer, body, source)
    message = succeeded(answer, body, source)
    failed = Outcome("failed", "rejected", f"Braze: {message}") if message else None
    done, errors = body.get("external_ids"), body.get("rename_errors")
    return (
        failed,
        frozenset(str(name) for name in done) if isinstance(done, list) else frozenset(),
        [source.quote(error) for error in errors] if isinstance(errors, list) else [],
    )


def refusal(answer: Answer, body: dict[str, Any], source: Source) -> Splittable:
    """What a 4xx without reasons for single objects means."""
    reason = body.get("message") or body.get("error") or body.get("errors") or "no reason given"
    return Splittable(f"Braze refused the request ({answer.status}): {source.quote(reason)}")


def read_body(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; empty when it is none."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def succeeded(answer: Answer, body: dict[str, Any], source: Source) -> str | None:
    """None if a 2xx says success, else what it says.

    A 202 with `queued` is a success, too: Braze answers it while processing is paused for maintenance.

    Raises:
        Retriable: it is not an answer of Braze (a proxy's page, a body cut short).
    """
    message = body.get("message")
    if not isinstance(message, str):
        raise Retriable(f"the answer ({answer.status}) is not one of Braze's", ambiguous=True)
    if message == "success" or (message == "queued" and answer.status == 202):
        return None
    return source.quote(message)
