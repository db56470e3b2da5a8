"""Signs of life while the warehouse works, where another run could take the lock meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from roo_dbt import state
from roo_dbt.errors import RooError
from roo_dbt.run.opening import Opened

HEARTBEAT_SECONDS = 10.0


@contextmanager
def beating(
    opened: Opened, destination: str, run_id: str, *, every: float = HEARTBEAT_SECONDS
) -> Iterator[None]:
    """Renew the lock of a destination every so many seconds, from a thread with sessions of its own.

    A diff of a large table takes longer than a lock lives without a sign. Whoever lost the lock all the
    same learns it from the next heartbeat of the run itself.
    """
    if not opened.reached.is_shared:
        yield
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(every):
            with suppress(RooError), opened.reached.session(destination) as session:
                state.heartbeat(session, opened.layout, destination, run_id)

    thread = threading.Thread(target=beat, name="roo-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
