"""What the author of a destination tells the kit, and which cases follow from what the object declares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from roo_dbt.destinations.protocol import App, Identifier, Object
from roo_dbt.records import Group, SyncMode
from roo_dbt.testing.server import Reply, Vendor

Meaning = Literal["fatal", "retriable", "split", "refused"]
"""`fatal` ends the app, `retriable` is sent again, `split` is sent in halves, `refused` fails for good."""

Case = TypeVar("Case", bound=Callable[..., None])


@dataclass(frozen=True)
class KnownError:
    """An answer that the vendor is known to give, and what should follow."""

    reply: Reply
    means: Meaning


class Declared:
    """What a subclass says about its destination; only what has no default must be said.

    Attributes:
        app_type: the App class.
        object: the object of it that is tested.
        mode: the sync mode; default: sync if there is one, else the first of the object's.
        options: settings of the destination block.
        text_field: a field of the records that takes any text.
        other_field: another one.
        takes_text: False where the object has no such field: then these two are fields of another kind.
        another_value: a right value of `text_field` that no record has.
        nulls_clear: False where the vendor has no way to empty a field.
        groups: groups to join; default: two by name, or one array column, if the object has those.
        column_types: SQL types of fields whose column is none of text, number, boolean or list.
        wrong_values: each a few fields with values that the destination or its fake must refuse.
        errors: further answers with their meaning.
        refusal: how the vendor refuses a whole request because of one record.
        rate_limit: how it says that there were too many, and `rate_limit_seconds` the wait in it.
        reads_answers: a 2xx counts only if its body says so, as with most vendors.
    """

    app_type: ClassVar[type[App]]
    object: ClassVar[str] = "users"
    mode: ClassVar[SyncMode | None] = None
    options: ClassVar[Mapping[str, Any]] = {}
    text_field: ClassVar[str]
    other_field: ClassVar[str]
    takes_text: ClassVar[bool] = True
    another_value: ClassVar[Any] = "changed by the kit"
    nulls_clear: ClassVar[bool] = True
    groups: ClassVar[tuple[Group, ...]] = ()
    column_types: ClassVar[Mapping[str, str]] = {}
    wrong_values: ClassVar[Sequence[Mapping[str, Any]]] = ()
    errors: ClassVar[Sequence[KnownError]] = ()
    refusal: ClassVar[Reply] = Reply(400, json={"message": "one of these is not valid"})
    rate_limit: ClassVar[Reply] = Reply(429, {"retry-after": "7"})
    rate_limit_seconds: ClassVar[float] = 7.0
    reads_answers: ClassVar[bool] = True

    @abstractmethod
    def app(self, url: str, secret: str) -> App:
        """The app, connected to `url`, with `secret` as its key."""

    @abstractmethod
    def record(self, number: int) -> dict[str, Any]:
        """A record with values for the identifier and both text fields; each number is another user."""

    def vendor(self) -> Vendor:
        """The fake of the vendor; as it is, one that says yes to everything."""
        return Vendor()

    def identity(self, record: Mapping[str, Any]) -> str:
        """What the fake calls the user of a record; the first field of its identifier, usually."""
        for name in self.identifier().fields:
            return str(record[name])
        raise NotImplementedError("this object has no identifier; say what tells its records apart")

    def identifier(self) -> Identifier:
        """The identifier that the records have: the best one whose fields are all there."""
        offered = self.kind().identifiers(self.app("http://127.0.0.1:9", "a-secret-key"))
        names = set(self.record(1))
        return next((one for one in offered if names.issuperset(one.fields)), Identifier(()))

    @classmethod
    def kind(cls) -> type[Object]:
        """The class of the object."""
        return cls.app_type.objects[cls.object]

    @classmethod
    def sync_mode(cls) -> SyncMode | None:
        """The mode that most cases run in."""
        best: tuple[SyncMode, ...] = ("sync", "additive", "enrich")
        return cls.mode or next((mode for mode in best if mode in cls.kind().modes), None)

    @classmethod
    def joined(cls) -> tuple[Group, ...]:
        """The groups that the cases join; none where the object has none."""
        forms = cls.kind().groups
        if cls.groups or not forms:
            return cls.groups
        if "name" in forms:
            return (Group("is_first", name="Kit first"), Group("is_second", name="Kit second"))
        return (Group("segments"),) if "from" in forms else ()


def applies(condition: Callable[[type[Declared]], bool]) -> Callable[[Case], Case]:
    """A case that only destinations have for which the condition holds."""

    def decorate(case: Case) -> Case:
        case.applies = condition  # type: ignore[attr-defined]
        return case

    return decorate


def has_modes(declared: type[Declared]) -> bool:
    """Its records can change; what goes once, such as events, cannot."""
    return bool(declared.kind().modes)


def removes(declared: type[Declared]) -> bool:
    """Records that leave are removed."""
    return "sync" in declared.kind().modes and declared.sync_mode() == "sync"


def enriches(declared: type[Declared]) -> bool:
    """It can update without creating."""
    return "enrich" in declared.kind().modes


def has_groups(declared: type[Declared]) -> bool:
    """Records belong to groups."""
    return bool(declared.joined())


def reads_answers(declared: type[Declared]) -> bool:
    """The body of a 2xx matters."""
    return declared.reads_answers


def takes_text(declared: type[Declared]) -> bool:
    """Its records hold free text."""
    return declared.takes_text


def consent_fields(declared: type[Declared]) -> frozenset[str]:
    """The fields of the object that are subscription states."""
    return frozenset(field.name for field in declared.kind().known if field.consent)


def holds_consent(declared: type[Declared]) -> bool:
    """The fields of its records are subscription states."""
    return {declared.text_field, declared.other_field} <= consent_fields(declared)


def clears_by_null(declared: type[Declared]) -> bool:
    """A null empties a field."""
    return has_modes(declared) and declared.nulls_clear


def has_wrong_values(declared: type[Declared]) -> bool:
    """There are values that somebody refuses."""
    return bool(declared.wrong_values)
