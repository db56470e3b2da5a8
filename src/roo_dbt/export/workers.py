"""Threads that run jobs and hand back how each ended."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol


class Job(Protocol):
    """Something a worker runs once."""

    handover: Handover

    def run(self) -> None:
        """Do it. What it raises is left in its `handover`."""


class Handover:
    """Carries the end of a job, an unexpected error included, to the thread that waits for it.

    Used as a context around the job in the worker's thread. An error does not end the worker: it is
    kept in `problem`, for the waiting thread to raise.
    """

    def __init__(self, job: Job, done: SimpleQueue[Job]) -> None:
        self._job = job
        self._done = done
        self.problem: BaseException | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.problem = problem
        self._done.put(self._job)
        return True


class Workers:
    """A fixed number of threads, started as they are needed.

    They are daemons: a request that hangs must not keep the process from ending.
    """

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, job: Job) -> None:
        """Queue a job; to be called from one thread only."""
        if len(self._threads) < self.number:
            name = f"{self._name}-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    def close(self, seconds: float) -> None:
        """Let the threads end, and wait for them for at most `seconds` in all."""
        for _ in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with job.handover:
                job.run()
