"""What a vendor is: an `App` with `Object`s, each a short list of `Call`s.

The runner owns paging, batching, threads, pacing, retry and bisecting. A vendor folder says which
requests a change needs, what they hold and what their answers mean, all of it without I/O: a call
turns changes into items, items into a request, and an answer into one outcome per item.

A setting is a pydantic field: `title`, `description`, `examples` (the first is the placeholder that forms
show), no default if it is required, `SecretStr` if it is secret. `docs/destinations.md` is the guide.

What goes wrong is said by what the runner should do next: raise `Fatal` (nothing of this app can
succeed), `Retriable` (again later, in `retry_in` seconds if the vendor says so), `Splittable` (again in
halves) or `Skippable` (these records fail, the others go on), or return an outcome for each record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr

from roo_dbt.destinations.facts import (
    Choice,
    Field,
    FieldSystem,
    GroupKind,
    Identifier,
    KnownField,
    Limit,
    Normalisation,
    normalised,
)
from roo_dbt.destinations.memberships import Membership, dropped_groups, memberships, undeclared_groups
from roo_dbt.destinations.once import Once
from roo_dbt.destinations.status import judge_status, retry_after
from roo_dbt.records import (
    GROUP_MARK,
    OPERATIONS,
    Answer,
    Change,
    Column,
    Destination,
    Finding,
    Item,
    Operation,
    Outcome,
    Problem,
    Request,
    SyncMode,
)

__all__ = [
    "App",
    "Call",
    "Choice",
    "Field",
    "FieldSystem",
    "GroupKind",
    "Identifier",
    "KnownField",
    "Limit",
    "Membership",
    "Normalisation",
    "Object",
    "ObjectClass",
    "Options",
    "Send",
    "dropped_groups",
    "fields_to_send",
    "in_order",
    "judge_status",
    "memberships",
    "normalised",
    "retry_after",
    "undeclared_groups",
]

T = TypeVar("T")

Send = Callable[[Request], Answer]
"""Sends one request, with retry, and returns the answer whatever its status.

Raises `Stopped` (the vendor is lost or asks for too long a wait, the run was interrupted) or `AppRefused`
(the request cannot be sent at all): let them pass.
"""


class Options(BaseModel):
    """Settings of a destination block that only one object knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(ABC):
    """One kind of request. Stateless, safe to use from many threads at once.

    A change passes through the calls of its object in their order; it is accepted when every call
    that needs it accepted it, and ends at the first other outcome.
    """

    name: ClassVar[str]
    operations: ClassVar[frozenset[Operation]] = frozenset(OPERATIONS)
    """The operations whose changes it is asked about; see `concerns`."""
    rate: Limit
    """How often it may be sent; calls that share a vendor's limit share the Limit object."""
    batch_size: int = 1
    """Items a request holds at most."""
    max_bytes: int = 4_000_000
    """Bytes a request's body holds at most, measured in UTF-8."""
    repeatable: bool = True
    """Sending it twice does no harm, so a lost answer may be retried."""
    writes: bool = True
    """Accepted, something of the change is at the vendor; False: it only asks, or its outcomes say so."""
    renames: bool = False
    """It gives users another identifier, which its outcomes tell."""
    after_seconds: float = 0.0
    """Rest between the last answer of the calls before it and its first request; it then goes last."""

    def concerns(self, change: Change) -> bool:
        """Whether it is asked about a change; the others pass it by.

        A new record that names another record's user (`Change.vacated`) needs what a changed one needs, so
        it is shown to every call. Not to be overridden, since the runner has the rule, too: give
        `operations`.
        """
        return change.vacated or change.operation in self.operations

    @abstractmethod
    def item(self, change: Change) -> Item | Sequence[Item] | Outcome | None:
        """The change's part, or parts, of requests; an Outcome ends the change here; None: not needed."""

    def onward(self, change: Change) -> Change:
        """The change as the calls after this one see it when all goes well; what a plan reckons with."""
        return change

    @abstractmethod
    def request(self, items: Sequence[Item]) -> Request:
        """One request of at most `batch_size` items. Joins their bodies."""

    @abstractmethod
    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item, in their order. None: the answer does not say; ask for it alone.

        Only called when `judge` returned. A single item that gets None again is `unknown`.

        Raises:
            Retriable, Splittable, Skippable, Fatal: what the answer means for the request as a whole.
        """

    def judge(self, answer: Answer) -> None:
        """What the status alone says, by the rules every HTTP vendor shares; `Retry-After` is obeyed.

        Raises:
            Fatal: 401, 403, 404, 405, 415, and redirects. Retriable: 408, 425, 429, 5xx. Splittable: 413.
        """
        judge_status(answer, retry_in=retry_after(answer))


class Object(ABC):
    """What a row becomes at a vendor. One instance per destination and run.

    Class attributes describe it without an instance, for validation and `describe`.
    """

    name: ClassVar[str]
    modes: ClassVar[frozenset[SyncMode]] = frozenset()
    """Sync modes it supports; empty: it has none."""
    known: ClassVar[tuple[Field, ...]] = ()
    """Fields that the vendor knows by name."""
    field_system: ClassVar[FieldSystem] = "dynamic"
    """Which fields may be mapped beside the known ones."""
    groups: ClassVar[frozenset[GroupKind]] = frozenset()
    """The forms of groups it supports; empty: it has none."""
    group_names: ClassVar[Normalisation] = "exact"
    """How the vendor compares the names of groups: two that are equal by it are one group."""
    group_place: ClassVar[str | None] = None
    """The option that says where the vendor keeps groups by name; another value of it means other groups."""
    order: ClassVar[str | None] = None
    """The field in whose order changes are sent."""
    unique_identifier: ClassVar[bool] = True
    """Two records never share a user; false for what a user has many of."""
    recheck_days: ClassVar[int | None] = None
    """Days after which a user who was absent is asked for again, unless the destination says."""
    frees_identifiers: ClassVar[bool] = False
    """A renamed user is no longer found by its old identifier, so a removal by that one meets nobody."""
    resends: ClassVar[bool] = False
    """Whom it updates cannot be told: `recheck_days` of mode enrich sends unchanged records again."""
    reserved: ClassVar[Mapping[str, str]] = {}
    """Fields nobody may map, each with the reason."""
    options: ClassVar[type[Options]] = Options

    def __init__(
        self, app: App, destination: Destination, *, columns: Mapping[str, Column] | None = None
    ) -> None:
        self.app = app
        self.destination = destination
        self.columns: Mapping[str, Column] = columns or {}
        """The mapped columns as the catalogue has them, by destination field; empty: not known."""

    @classmethod
    @abstractmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        """The identifiers it accepts in this app, best first; a destination uses exactly one."""

    @abstractmethod
    def calls(self) -> tuple[Call, ...]:
        """The calls a change may need, in the order they must happen."""

    def prepare(self, send: Send, groups: Sequence[str]) -> None:
        """Find or make what the changes need once: lists by name, say. Called before the first change.

        What it sends is in nobody's count of requests: a plan cannot know it.

        Args:
            send: asks the vendor.
            groups: names of the groups that users will join or leave in this run, sorted.

        Raises:
            Blocked: it cannot be had, and the destination must not be exported.
            AppRefused, Stopped: as `send` does.
        """

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:
        """What only the vendor can object to in a declaration, beyond the common rules."""
        return ()

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Objections to the types of the mapped columns, by destination field."""
        return ()

    def check_fields(self, columns: Mapping[str, Column], known: Sequence[KnownField]) -> Sequence[Problem]:
        """Warnings about mapped columns that do not agree with the fields of the workspace.

        Args:
            columns: the mapped columns, by destination field.
            known: what `App.fields` found.
        """
        return ()

    def choices(self, option: str, send: Send) -> Sequence[Choice]:
        """The values that an option of a destination may have, asked of the vendor; empty: not known."""
        return ()

    def data_points(self, fields: Mapping[str, int]) -> int | None:
        """What sending these fields (name → records) costs; None where the vendor has no such price."""
        return None

    def points(self, change: Change) -> int:
        """The data points of one change, exactly; 0 where the vendor has no such price."""
        return 0

    @property
    def spending_limit(self) -> int | None:
        """Data points that one run of the destination may cost at most; None: no limit."""
        return None


ObjectClass: TypeAlias = type[Object]
"""Said outside of App, in which `type` is the name of a setting."""


class App(BaseModel):
    """A connection to one workspace of a vendor: its settings, checked.

    Fields that hold a secret are `SecretStr`; they must be `${…}` references in the YAML.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    title: ClassVar[str]
    objects: ClassVar[Mapping[str, ObjectClass]] = {}
    limits: ClassVar[tuple[Limit, ...]] = ()
    parallelism: ClassVar[int | None] = None
    """Requests in flight at most, whatever the project asks for; None: as many as it asks for."""
    first_settings: ClassVar[Mapping[str, str]] = {}
    """What `roo-dbt init` writes for a new app: setting → value, secrets as `${NAME}`."""

    workspace: str | None = None

    _once: Once = PrivateAttr(default_factory=Once)
    _found: tuple[str, ...] = PrivateAttr(default=())

    @property
    @abstractmethod
    def endpoint(self) -> str:
        """Scheme and host (and port), without a trailing slash."""

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """The headers of every request, the secret one included."""

    @abstractmethod
    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        """Ask the vendor whether the key may do what these objects need, without side effects."""

    def check_for(self, send: Send, destinations: Sequence[Destination]) -> Sequence[Finding]:
        """Ask whether the key may do what these destinations of the app need; better than `check`."""
        return self.check(send, sorted({destination.object for destination in destinations}))

    @classmethod
    def website(cls, settings: Mapping[str, str]) -> str:
        """Where people find the workspace, for exposures; empty when nobody can tell.

        Args:
            settings: those that are written out in the YAML, the same on every machine.
        """
        return ""

    def fields(self, send: Send) -> tuple[KnownField, ...]:
        """The fields that the workspace knows now, by name.

        Raises:
            AppRefused: the key may not ask. Stopped: the vendor does not answer.
        """
        return ()

    def choices(self, option: str, send: Send) -> Sequence[Choice]:
        """The values that a setting of the app may have, asked of the vendor; empty: not known."""
        return ()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, made once in a run whoever asks: lists by name, say.

        All destinations of the app share it. One thread makes it, and the others wait.
        """
        return self._once(key, make)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, to be redacted wherever text may show it; those in mappings, too."""
        found: list[str] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            values = value.values() if isinstance(value, Mapping) else (value,)
            found += [one.get_secret_value() for one in values if isinstance(one, SecretStr)]
        return tuple(found)

    def hidden(self) -> tuple[str, ...]:
        """Every text that nothing may show: the secrets, and what a vendor adds from `from_environment`."""
        return self.secrets()

    @property
    def from_environment(self) -> tuple[str, ...]:
        """What `${NAME}` stood for in settings that are no secrets; a token in an address, say."""
        return self._found

    def read_from_environment(self, values: Iterable[str]) -> None:
        """Note what `from_environment` is; for those who read the settings."""
        self._found = tuple(values)


def in_order(
    *,
    find: Call | None = None,
    rename: Call | None = None,
    write: Call,
    leave: Call | None = None,
    join: Call | None = None,
    delete: Call | None = None,
) -> tuple[Call, ...]:
    """The usual calls of users in the order in which they must happen, without those there are none of.

    Each may end a change on its own; the calls after it then do not see it.
    """
    every = (find, rename, write, leave, join, delete)
    return tuple(call for call in every if call is not None)


def fields_to_send(change: Change, *, consent: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The values a create or update carries, identifiers included if they are among them.

    A create sends what is not null, and nulls that clear what another record wrote to its user. An update
    sends what changed, a null where a value was. A whole record adds the unchanged values, but neither a
    null that would clear what we never set, nor a subscription state (`consent`) that did not change.
    """
    new, changed = change.new, change.changed
    if GROUP_MARK in "".join(changed):
        changed = tuple([name for name in changed if not name.startswith(GROUP_MARK)])
    # Most often all of a new record goes; then a copy is four times as fast.
    is_all = change.operation == "create" and len(changed) == len(new)
    values = dict(new) if is_all else {name: new.get(name) for name in changed}
    if change.whole:
        for name, value in change.new.items():
            if value is not None and not name.startswith(GROUP_MARK) and name not in consent:
                values.setdefault(name, value)
    return values
