"""The sandbox as the fake behind the kit's server, so that both vendors pass the kit, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import Forward


class Sandboxed(Forward):
    """A sandbox of its own for each case."""

    def __init__(self, **settings: Any) -> None:
        self.sandbox = Sandbox(enforce_limits=False, **settings).start()
        super().__init__(self.sandbox.url)

    def close(self) -> None:
        super().close()
        self.sandbox.stop()


class SandboxedBraze(Sandboxed):
    """Braze users by external id."""

    def users(self) -> Mapping[str, Mapping[str, Any]]:
        return self.sandbox.braze_users

    def members(self, group: str) -> Collection[str]:
        users = self.sandbox.braze_users.items()
        return [name for name, values in users if group in (values.get("groups") or ())]


class SandboxedIterable(Sandboxed):
    """Iterable users by what identifies them."""

    def users(self) -> Mapping[str, Mapping[str, Any]]:
        return self.sandbox.iterable_users

    def members(self, group: str) -> Collection[str]:
        return self.sandbox.iterable_lists.get(group, [])
