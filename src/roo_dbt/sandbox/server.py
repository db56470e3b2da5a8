"""Running a sandbox: in a thread of this process, or as the process itself."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox.faults import Fault
from roo_dbt.sandbox.log import Entry
from roo_dbt.sandbox.settings import Settings
from roo_dbt.sandbox.store import Store

if TYPE_CHECKING:
    from types import TracebackType

    import uvicorn
    from typing_extensions import Self

DEFAULT_PORT = 8911
HOST = "127.0.0.1"

_START_SECONDS = 10.0


@dataclass(kw_only=True, eq=False)
class Sandbox(Settings):
    """Both vendors on one loopback port, in a thread. Also a context manager.

    Attributes:
        port: 0 takes a free one, known after `start`.

    The rest are the settings. Raises UsageProblem from `start` when the port is taken.
    """

    port: int = 0
    store: Store = field(init=False, repr=False)
    _server: uvicorn.Server | None = field(init=False, repr=False, default=None)
    _thread: threading.Thread | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        """Make the store, so that faults can be set before the start."""
        self.store = Store(self)

    @property
    def url(self) -> str:
        """Scheme, host and port: Braze's `rest_endpoint` and Iterable's `base_url`."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Listen, and return once requests are answered."""
        listener = listen(self.port)
        self.port = listener.getsockname()[1]
        self._server, ready = make_server(self.store), threading.Event()
        run = _serving(self._server, listener, ready)
        self._thread = threading.Thread(target=asyncio.run, args=(run,), name="sandbox", daemon=True)
        self._thread.start()
        if not ready.wait(_START_SECONDS):
            raise UsageProblem(f"The sandbox did not start within {_START_SECONDS:.0f} seconds.")
        return self

    def stop(self) -> None:
        """Close every connection and end the thread; what was stored can still be read."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(_START_SECONDS)
            self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def braze_users(self) -> dict[str, dict[str, Any]]:
        """Attributes, standard and custom, of the users who have an external id, by it."""
        with self.store.lock:
            profiles = self.store.braze.workspace.profiles.latest()
            return {p.external_id: dict(p.attributes) for p in profiles if p.external_id is not None}

    @property
    def braze_profiles(self) -> list[dict[str, Any]]:
        """Every Braze profile with identifiers, subscription groups and event counts, latest first."""
        return list(self.store.state()["braze"]["users"])

    @property
    def braze_events(self) -> list[dict[str, Any]]:
        """The custom events Braze took, oldest first."""
        return list(self.store.state()["braze"]["events"])

    @property
    def iterable_users(self) -> dict[str, dict[str, Any]]:
        """Data fields of the users, by what identifies them in this kind of project.

        The other identifier, if there is one, is among the fields as `email` or `userId`.
        """
        with self.store.lock:
            profiles = self.store.iterable.profiles
            return {profiles.key(profile): profiles.values(profile) for profile in profiles.latest()}

    @property
    def iterable_lists(self) -> dict[str, list[str]]:
        """Keys of the members of each list, by its name."""
        with self.store.lock:
            profiles = self.store.iterable.profiles
            return {
                entry.name: [profiles.key(profile) for profile in entry.members.values()]
                for entry in profiles.lists.values()
            }

    @property
    def iterable_events(self) -> list[dict[str, Any]]:
        """The events Iterable took, oldest first."""
        return list(self.store.state()["iterable"]["events"])

    @property
    def requests(self) -> list[Entry]:
        """The latest vendor requests, oldest first, at most `log_size`."""
        with self.store.lock:
            return list(self.store.log)

    def clear_requests(self) -> None:
        """Empty the log and its counts."""
        self.store.clear_requests()

    def fault(self, kind: str, path: str = "*", **settings: Any) -> Fault:
        """Set a fault; `settings` are the other attributes of `Fault`.

        Raises:
            UsageProblem: an unknown kind or setting.
        """
        with self.store.lock:
            return self.store.faults.set({"kind": kind, "path": path, **settings})

    def clear_faults(self) -> None:
        """Take all faults back."""
        with self.store.lock:
            self.store.faults.clear()

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.store.reset()


def serve(
    port: int = DEFAULT_PORT,
    settings: Settings | None = None,
    *,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Run a sandbox in this process until it is interrupted.

    Args:
        port: 0 takes a free one.
        settings: how the vendors behave.
        on_ready: called with the URL once the port is open.

    Raises:
        UsageProblem: the port is taken, or the extra `demo` is not installed.
    """
    store = Store(settings or Settings())
    listener = listen(port)
    server = make_server(store)
    url = f"http://{HOST}:{listener.getsockname()[1]}"

    async def run() -> None:
        ready = threading.Event()
        serving = asyncio.ensure_future(_serving(server, listener, ready))
        while not ready.is_set() and not serving.done():
            await asyncio.sleep(0.01)
        if on_ready is not None:
            on_ready(url)
        await serving

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return


def listen(port: int) -> socket.socket:
    """A socket on the loopback interface. Raises UsageProblem when the port cannot be had."""
    # The protocol is named because asyncio switches Nagle's delay off for TCP by that name only.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is in use by another program" if taken else f"cannot be used ({error})"
        hint = "Stop that program or choose another port, for example --port 0 for any free one."
        raise UsageProblem(f"Port {port} {reason}.", hint=hint) from error
    return listener


def make_server(store: Store) -> uvicorn.Server:
    """Uvicorn around the application. Raises UsageProblem when the extra is missing."""
    try:
        import uvicorn

        from roo_dbt.sandbox.application import Application
    except ImportError as error:
        hint = "Type: pip install 'roo-dbt[demo]'"
        raise UsageProblem("The sandbox needs starlette and uvicorn.", hint=hint) from error
    config = uvicorn.Config(
        Application(store),
        access_log=False,
        log_config=None,
        log_level="error",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        ws="none",
        # Longer than any client keeps a connection, so that none is cut while it is being reused.
        timeout_keep_alive=300,
        timeout_graceful_shutdown=1,
        backlog=2048,
    )
    return uvicorn.Server(config)


async def _serving(server: uvicorn.Server, listener: socket.socket, ready: threading.Event) -> None:
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.001)
    ready.set()
    await serving
