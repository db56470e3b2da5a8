"""Requests compared with a schema that refuses unknown properties, and with golden files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import orjson

from roo_dbt.records import Request

HERE = Path(__file__).parent
SCHEMAS = orjson.loads((HERE / "requests.schema.json").read_bytes())


def check_body(path: str, body: Any) -> None:
    """Fail if Iterable does not document this body for this path."""
    jsonschema.validate(body, SCHEMAS[path.removeprefix("/api/")])


def body_of(request: Request) -> bytes:
    """The body of a POST, checked."""
    assert request.method == "POST"
    assert dict(request.params) == {}
    assert request.body is not None
    check_body(request.path, orjson.loads(request.body))
    return request.body


def golden(name: str, body: bytes) -> None:
    """Fail if the body is not the one on file."""
    pretty = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    assert pretty.decode() == (HERE / "golden" / f"{name}.json").read_text(encoding="utf-8")
