"""The items of a purchase: an array of objects, checked before it leaves.

Source: https://api.iterable.com/api/docs#commerce_trackPurchase (read 2026-11-22).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from roo_dbt.destinations.iterable.identity import is_blank
from roo_dbt.destinations.iterable.tracking import of_kind, whole_number
from roo_dbt.destinations.iterable.values import plain

Reader = Callable[[Any], Any]


def amount(value: Any) -> Any:
    """A finite number. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("this is no number")
    return value


def _text(value: Any) -> str:
    return str(plain(of_kind(value, str, "text")))


def _filled(value: Any) -> str:
    if is_blank(value):
        raise ValueError("this is null or blank")
    return _text(value)


def _product(value: Any) -> str:
    """A product id is text; a whole number becomes its digits."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(whole_number(value)) if is_number else _filled(value)


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in of_kind(value, list, "array")]


def _data(value: Any) -> Any:
    return plain(of_kind(value, dict, "object"))


REQUIRED: Mapping[str, Reader] = {"id": _product, "name": _filled, "price": amount, "quantity": whole_number}
OPTIONAL: Mapping[str, Reader] = {
    "sku": _text,
    "description": _text,
    "categories": _texts,
    "url": _text,
    "imageUrl": _text,
    "dataFields": _data,
}


def purchase_items(value: Any) -> list[dict[str, Any]]:
    """The items as they are sent, nulls left out.

    Raises:
        ValueError: no array, an empty one, or an item that lacks something, holds something of the wrong
            kind, or something Iterable does not know.
    """
    if not of_kind(value, list, "array of objects"):
        raise ValueError("a purchase needs at least one item")
    return [_item(each, number) for number, each in enumerate(value, start=1)]


def _item(value: Any, number: int) -> dict[str, Any]:
    of_kind(value, dict, "object", f"item {number}")
    unknown = [name for name in value if name not in REQUIRED and name not in OPTIONAL]
    if unknown:
        known = ", ".join([*REQUIRED, *OPTIONAL])
        raise ValueError(
            f"item {number} has {', '.join(unknown)}, which Iterable does not know; it has {known}, and "
            "whatever else there is belongs into the item's dataFields"
        )
    name = ""
    try:
        found = {}
        for name, read in REQUIRED.items():
            found[name] = read(value.get(name))
        for name, read in OPTIONAL.items():
            if value.get(name) is not None:
                found[name] = read(value[name])
    except ValueError as fault:
        raise ValueError(f"item {number}, {name}: {fault}") from fault
    return found
