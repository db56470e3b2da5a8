"""What a sandbox can be told before and while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ProjectType = Literal["email", "user_id", "hybrid"]
Contract = Literal["default", "mau"]

WRONG_KEY = "wrong"
"""An API key that both vendors answer with 401."""

FORBIDDEN_KEY = "no-permission"
"""An API key that both vendors answer with 403: known, but without the permission."""


@dataclass(kw_only=True)
class Settings:
    """How the two vendors behave.

    Attributes:
        keys: API keys that are accepted; None: every key but `WRONG_KEY` and `FORBIDDEN_KEY`.
        contract: the dialect of Braze's rate headers, by the kind of contract.
        enforce_limits: answer 429 when a rate is exceeded; False: headers only.
        latency: seconds that every request waits before it is handled.
        rates: other numbers for a rate, name → (requests, seconds), as in `rates.py`.
        braze_forced_types: custom attribute → `string`, `number`, `boolean` or `array`, as forced in
            Braze's dashboard.
        braze_blocklist: custom attributes that Braze does not store.
        iterable_project_type: what identifies a user in Iterable.
        iterable_mismatch: a wrong type in a bulk update refuses its `row` or the whole `request`.
        iterable_new_fields: the project's own answer where a request leaves out `createNewFields`.
        iterable_update_only: Iterable enabled `updateOnly` for this account.
        faults: in force from the start, each as the control endpoint takes it.
        log_size: requests that the log keeps.
        seed: of the dice for faults with a probability.
        clock: seconds since 1970, for the rate windows and timestamps.
    """

    keys: Collection[str] | None = None
    contract: Contract = "default"
    enforce_limits: bool = True
    latency: float = 0.0
    rates: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    braze_forced_types: Mapping[str, str] = field(default_factory=dict)
    braze_blocklist: Collection[str] = ()
    iterable_project_type: ProjectType = "email"
    iterable_mismatch: Literal["row", "request"] = "row"
    iterable_new_fields: bool = True
    iterable_update_only: bool = False
    faults: Sequence[Mapping[str, Any]] = ()
    log_size: int = 1000
    seed: int = 0
    clock: Callable[[], float] = time.time

    def judge_key(self, key: str | None) -> int:
        """The HTTP status that `key` deserves: 200, 401 or 403."""
        if not key or key == WRONG_KEY:
            return 401
        if key == FORBIDDEN_KEY:
            return 403
        return 200 if self.keys is None or key in self.keys else 401
