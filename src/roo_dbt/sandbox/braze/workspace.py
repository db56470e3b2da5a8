"""What the sandbox's Braze workspace holds, and how a user object changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.sandbox.braze import custom
from roo_dbt.sandbox.braze.custom import MAX_STRING
from roo_dbt.sandbox.braze.profiles import Profile, Profiles
from roo_dbt.sandbox.braze.standard import CONTROLS, STORING
from roo_dbt.sandbox.exchange import NotStored
from roo_dbt.sandbox.settings import Settings

Warn = Callable[[str], None]

_NUMBERS = frozenset((int, float, bool))
_NO_ATTRIBUTES = frozenset(("external_id", "user_alias", "braze_id")) | CONTROLS
MAX_EVENTS = 10_000
"""Events and purchases that the sandbox keeps of each; the counts go on."""


@dataclass(eq=False)
class Workspace:
    """Profiles, custom attributes, events and purchases of one workspace."""

    settings: Settings
    profiles: Profiles = field(default_factory=Profiles)
    attribute_kinds: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    purchases: list[dict[str, Any]] = field(default_factory=list)
    event_names: dict[str, int] = field(default_factory=dict)
    address_states: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _plain: set[str] = field(default_factory=set)

    def apply(self, profile: Profile, values: Mapping[str, Any], warn: Warn) -> None:
        """Write the fields of a user object that nothing refuses; `warn` hears what is not stored."""
        merge = values.get("_merge_objects") is True
        plain, attributes = self._plain, profile.attributes
        for name, value in values.items():
            # The short way for most of what is sent: a known custom attribute and a scalar.
            if name in plain and (
                type(value) in _NUMBERS or (type(value) is str and len(value) <= MAX_STRING)
            ):
                attributes[name] = value
                continue
            if name in _NO_ATTRIBUTES:
                continue
            try:
                self._apply_field(profile, name, value, merge=merge)
            except NotStored as reason:
                warn(f"'{name}' was accepted and not stored: {reason}")

    def set_group(self, profile: Profile, group: str, state: str) -> None:
        """Set the state of a subscription group for one profile."""
        profile.subscription_groups[group] = state

    def count_event(self, profile: Profile, name: str) -> None:
        """Count an event or purchase of that name."""
        profile.event_counts[name] += 1
        self.event_names[name] = self.event_names.get(name, 0) + 1

    def _apply_field(self, profile: Profile, name: str, value: Any, *, merge: bool) -> None:
        if name in ("email", "phone"):
            self._set_address(profile, name, value)
        elif name == "subscription_groups":
            for group in value:
                self.set_group(profile, group["subscription_group_id"], group["subscription_state"])
        elif name == "email_subscribe":
            self._subscribe_address(profile, value)
        elif name in STORING:
            _store(profile, name, value if value is None else STORING[name](value))
        else:
            self._apply_custom(profile, name, value, merge=merge)

    def _set_address(self, profile: Profile, name: str, value: str | None) -> None:
        self.profiles.set_address(profile, name, value)
        if value is not None and (waiting := self.address_states.pop((name, value.lower()), None)):
            profile.subscription_groups.update(waiting)

    def _subscribe_address(self, profile: Profile, value: str) -> None:
        # The state belongs to the address, so every profile that has it gets it.
        address = profile.attributes.get("email")
        for holder in self.profiles.having("email", address) if address else ():
            holder.attributes["email_subscribe"] = value
        profile.attributes["email_subscribe"] = value

    def _apply_custom(self, profile: Profile, name: str, value: Any, *, merge: bool) -> None:
        name = custom.attribute_name(name)
        if name in self.settings.braze_blocklist:
            raise NotStored("it is on the blocklist")
        if value is None:
            profile.attributes.pop(name, None)
            return
        kind = self.settings.braze_forced_types.get(name)
        if kind is not None:
            value = custom.coerced(value, kind)
        stored = custom.stored_value(profile.attributes.get(name), value, merge=merge)
        profile.attributes[name] = stored
        if name not in self.attribute_kinds:
            self.attribute_kinds[name] = custom.kind_of(stored)
            if kind is None:
                self._plain.add(name)


def _store(profile: Profile, name: str, value: Any) -> None:
    if value is None:
        profile.attributes.pop(name, None)
    else:
        profile.attributes[name] = value
