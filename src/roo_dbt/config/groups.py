"""The groups of a destination: their form, and whether the object has groups of that form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from roo_dbt.config.blocks import GroupBlock
from roo_dbt.config.problems import Place, faults, wrong_type
from roo_dbt.destinations.protocol import GroupKind, Normalisation, Object, normalised
from roo_dbt.records import Group, Problem

_ORDER: tuple[GroupKind, ...] = ("name", "from", "subscription_group_id", "list_id")


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group whose form is right, and where it stands."""

    group: Group
    place: Place

    @property
    def kind(self) -> GroupKind:
        """The setting that makes it the group it is."""
        if self.group.is_many:
            return "from"
        if self.group.subscription_group_id is not None:
            return "subscription_group_id"
        return "name" if self.group.list_id is None else "list_id"

    def identity(self, names: Normalisation) -> tuple[str, str]:
        """Equal for two groups that are the same one at the vendor, whichever column fills them."""
        group = self.group
        if group.is_many:
            return "from", group.column.casefold()
        return ("name", normalised(group.name or "", names)) if self.kind == "name" else ("id", group.field)


def read_groups(raw: object, place: Place) -> tuple[list[GroupDraft], list[Problem]]:
    """The groups of a YAML list, and what is wrong with the form of the others."""
    if not isinstance(raw, list):
        return [], [wrong_type(place, "a list", raw)]
    drafts: list[GroupDraft] = []
    problems: list[Problem] = []
    for number, one in enumerate(raw):
        here = place.at(number)
        try:
            block = GroupBlock.model_validate(one)
        except ValidationError as error:
            problems += faults(error, here, GroupBlock)
        else:
            drafts.append(GroupDraft(_group(block), here))
    return drafts, problems


def _group(block: GroupBlock) -> Group:
    if block.from_ is not None:
        return Group(block.from_)
    return Group(block.column or "", block.name, block.subscription_group_id, block.list_id)


def placed(kind: type[Object], groups: Sequence[Group], options: Mapping[str, Any]) -> tuple[Group, ...]:
    """The groups, those by name with their place where an option says another than the usual one."""
    option = kind.group_place
    place = options.get(option) if option is not None else None
    if option is None or place is None or place == kind.options.model_fields[option].default:
        return tuple(groups)
    by_id = (group.subscription_group_id is not None or group.list_id is not None for group in groups)
    return tuple(
        group if is_by_id else replace(group, place=str(place))
        for group, is_by_id in zip(groups, by_id, strict=True)
    )


def check_groups(kind: type[Object], drafts: Sequence[GroupDraft], place: Place) -> list[Problem]:
    """Forms that the object does not support, and groups that are there twice."""
    if drafts and not kind.groups:
        message = f"groups of {kind.name} are not supported yet; remove them, so that nobody relies on them."
        return [place.problem("not-supported-yet", message)]
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Place] = {}
    for draft in drafts:
        if draft.kind not in kind.groups:
            offered = ", ".join(form for form in _ORDER if form in kind.groups)
            message = f"{kind.name} have no groups of this form; they have {offered}."
            problems.append(draft.place.at(draft.kind).problem("group-unsupported", message))
        first = seen.setdefault(draft.identity(kind.group_names), draft.place)
        if first is not draft.place:
            message = f"is the same group as {first.path}; a user cannot be told twice whether to be in it."
            problems.append(draft.place.problem("duplicate-group", message))
    return problems
