"""Files that nobody but their owner can read, also those that a library makes for itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PRIVATE = 0o077


class _Mask:
    """The process's mask for new files, and how many want it to be private now."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._users = 0
        self._before = 0

    def enter(self) -> None:
        with self._guard:
            if not self._users:
                self._before = os.umask(_PRIVATE)
            self._users += 1

    def leave(self) -> None:
        with self._guard:
            self._users -= 1
            if not self._users:
                os.umask(self._before)


_MASK = _Mask()


@contextmanager
def private_files() -> Iterator[None]:
    """New files of this process are for their owner alone, until the last thread has left.

    The mask is the process's, not the thread's: https://man7.org/linux/man-pages/man2/umask.2.html
    (read 2026-11-22). A file that is made elsewhere meanwhile gets it, too, which opens nothing to anybody;
    to give a file its mode once it is there would leave it open for a moment.
    """
    _MASK.enter()
    try:
        yield
    finally:
        _MASK.leave()
