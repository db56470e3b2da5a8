"""Ctrl-C and SIGTERM: the first stops in good order, the second ends at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from roo_dbt.errors import ExitCode

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SAYING_SECONDS = 2.0
SHOW_CURSOR = b"\x1b[?25h\r\n"


@contextmanager
def stopping(stop: threading.Event, announce: Callable[[], None]) -> Iterator[None]:
    """Set `stop` at the first signal and end the process at the second, with exit code 3.

    Args:
        stop: what the run looks at between requests.
        announce: says that the run is ending; called from a thread of its own, because a signal may
            arrive while the main thread is in the middle of writing.
    """
    announcing: list[threading.Thread] = []

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            end_at_once()
        stop.set()
        announcing.append(threading.Thread(target=announce, daemon=True))
        announcing[-1].start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for thread in announcing:
            # A run that ends at once must not end before it was said why.
            thread.join(SAYING_SECONDS)


def end_at_once() -> None:
    """End the process without clean-up; the state tables are made for that."""
    if sys.stderr.isatty():
        # A progress bar hides the cursor, and nobody else will bring it back.
        os.write(2, SHOW_CURSOR)
    os._exit(ExitCode.STOPPED_MIDWAY)
