"""A sandbox in a process of its own, so that measuring a client does not measure the server."""

from __future__ import annotations

import multiprocessing
from dataclasses import fields
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox.server import serve
from roo_dbt.sandbox.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


def _serve(port: int, values: dict[str, Any], pipe: Connection) -> None:
    try:
        serve(port, Settings(**values), on_ready=pipe.send)
    except UsageProblem as problem:
        pipe.send(problem)


class SandboxProcess:
    """A sandbox in a child process. A context manager; read it through its endpoints.

    The child starts afresh (`spawn`), so a script that uses it needs `if __name__ == "__main__"`. It
    ends with this process.

    Args:
        port: 0 takes a free one.
        settings: how the vendors behave; the clock stays the child's own.
    """

    def __init__(self, settings: Settings | None = None, *, port: int = 0) -> None:
        chosen = settings or Settings()
        self._values = {f.name: getattr(chosen, f.name) for f in fields(Settings) if f.name != "clock"}
        self._port = port
        self._process: multiprocessing.process.BaseProcess | None = None
        self.url = ""

    def start(self) -> Self:
        """Start the child and wait for its port. Raises UsageProblem when it cannot listen."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_serve, args=(self._port, self._values, there), daemon=True, name="sandbox"
        )
        self._process.start()
        there.close()
        said: Any = None
        try:
            if here.poll(_START_SECONDS):
                said = here.recv()
        except EOFError:
            said = None
        finally:
            here.close()
        if not isinstance(said, str):
            self.stop()
            raise said if isinstance(said, UsageProblem) else UsageProblem("The sandbox did not start.")
        self.url = said
        return self

    def stop(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(_STOP_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
            self._process = None

    def stats(self) -> dict[str, Any]:
        """Requests and objects per path, answers per status, connections; see the control endpoints."""
        return self._call("GET", "stats")

    def state(self, limit: int | None = None) -> dict[str, Any]:
        """What both vendors hold, at most `limit` users of each."""
        return self._call("GET", f"state?limit={limit}" if limit is not None else "state")

    def requests(self, limit: int = 1000) -> list[dict[str, Any]]:
        """The latest requests, latest first."""
        return list(self._call("GET", f"requests?limit={limit}")["requests"])

    def fault(self, kind: str, path: str = "*", **settings: Any) -> dict[str, Any]:
        """Set a fault; see `Fault`."""
        return self._call("POST", "faults", {"kind": kind, "path": path, **settings})

    def reset(self) -> None:
        """Forget everything but the settings."""
        self._call("POST", "reset")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        import httpx

        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        if answer.status_code >= 400:
            raise UsageProblem(str(answer.json()["message"]))
        values: dict[str, Any] = answer.json()
        return values
