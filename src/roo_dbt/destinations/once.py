"""Things that are made once and used by many, such as a vendor's lists."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """A cache in which every value is made by one thread while the others wait for it.

    What was made stays as long as the app of a run does. When making fails, the error goes to the
    thread that tried, and the next one tries again.
    """

    def __init__(self) -> None:
        self._made: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def __eq__(self, other: object) -> bool:
        # What was made tells no app from another with the same settings.
        return isinstance(other, Once)

    def __hash__(self) -> int:
        return hash(Once)

    def __call__(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made by `make` the first time that anybody asks."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._made:
                self._made[key] = make()
            found: T = self._made[key]
            return found
