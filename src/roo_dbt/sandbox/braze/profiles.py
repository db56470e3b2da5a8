"""The user profiles of the sandbox's Braze workspace, found by every identifier Braze knows."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Profile:
    """One user. `attributes` holds standard and custom ones side by side; `aliases` is label → name.

    Times are seconds since 1970. `former_ids` are deprecated external ids, which still find the user.
    """

    braze_id: str
    created_at: float
    updated_at: float
    external_id: str | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    former_ids: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    subscription_groups: dict[str, str] = field(default_factory=dict)
    event_counts: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The profile for the page and the state endpoint."""
        return {
            "braze_id": self.braze_id,
            "external_id": self.external_id,
            "aliases": self.aliases,
            "former_ids": self.former_ids,
            "attributes": self.attributes,
            "subscription_groups": self.subscription_groups,
            "events": dict(self.event_counts),
            "updated_at": self.updated_at,
        }


class Profiles:
    """All profiles, the most recently updated one last."""

    def __init__(self) -> None:
        self.by_braze_id: dict[str, Profile] = {}
        self.by_external_id: dict[str, Profile] = {}
        self.by_alias: dict[tuple[str, str], Profile] = {}
        self._by_address: dict[tuple[str, str], dict[str, Profile]] = {}
        self._ids = uuid.uuid4().hex[:8]
        self._made = 0

    def __len__(self) -> int:
        return len(self.by_braze_id)

    def latest(self, limit: int | None = None) -> Iterable[Profile]:
        """The profiles, the most recently updated first."""
        for count, profile in enumerate(reversed(self.by_braze_id.values())):
            if limit is not None and count >= limit:
                return
            yield profile

    def find(self, target: Mapping[str, Any]) -> Profile | None:
        """The profile that an object means, by its one primary id, else by email, else by phone."""
        if (external_id := target.get("external_id")) is not None:
            return self.by_external_id.get(external_id)
        if (alias := target.get("user_alias")) is not None:
            return self.by_alias.get((alias["alias_label"], alias["alias_name"]))
        if (braze_id := target.get("braze_id")) is not None:
            return self.by_braze_id.get(braze_id)
        if (email := target.get("email")) is not None:
            return self._preferred("email", email)
        return self._preferred("phone", target.get("phone"))

    def having(self, name: str, address: Any) -> list[Profile]:
        """Every profile with this `email` or `phone`."""
        return list(self._by_address.get((name, str(address).lower()), {}).values())

    def create(self, target: Mapping[str, Any], now: float) -> Profile:
        """A new profile with the identifiers of `target`."""
        self._made += 1
        profile = Profile(f"{self._ids}{self._made:016x}", now, now, target.get("external_id"))
        self.by_braze_id[profile.braze_id] = profile
        if profile.external_id is not None:
            self.by_external_id[profile.external_id] = profile
        if (alias := target.get("user_alias")) is not None:
            self.add_alias(profile, alias["alias_label"], alias["alias_name"])
        return profile

    def touch(self, profile: Profile, now: float) -> None:
        """Make the profile the most recently updated one."""
        profile.updated_at = now
        self.by_braze_id[profile.braze_id] = self.by_braze_id.pop(profile.braze_id)

    def set_address(self, profile: Profile, name: str, value: str | None) -> None:
        """Set or clear `email` or `phone`, which also find the profile."""
        former = profile.attributes.get(name)
        if former == value:
            return
        if former is not None:
            del profile.attributes[name]
            self._forget_address(profile, name, former)
        if value is not None:
            profile.attributes[name] = value
            self._by_address.setdefault((name, value.lower()), {})[profile.braze_id] = profile

    def add_alias(self, profile: Profile, label: str, name: str) -> None:
        """Give the profile an alias, unless the pair is taken or it has one of that label."""
        if (label, name) not in self.by_alias and label not in profile.aliases:
            profile.aliases[label] = name
            self.by_alias[label, name] = profile

    def rename_alias(self, label: str, former: str, name: str) -> None:
        """Change the name of an alias; nothing happens if it is unknown or the new name is taken."""
        profile = self.by_alias.get((label, former))
        if profile is not None and (label, name) not in self.by_alias:
            del self.by_alias[label, former]
            self.by_alias[label, name] = profile
            profile.aliases[label] = name

    def rename(self, profile: Profile, external_id: str) -> None:
        """Give the profile a new external id; the present one becomes deprecated and keeps working."""
        if profile.external_id is not None:
            profile.former_ids.append(profile.external_id)
        profile.external_id = external_id
        self.by_external_id[external_id] = profile

    def remove_former(self, external_id: str) -> bool:
        """Drop a deprecated external id. False when it is none."""
        profile = self.by_external_id.get(external_id)
        if profile is None or profile.external_id == external_id:
            return False
        profile.former_ids.remove(external_id)
        del self.by_external_id[external_id]
        return True

    def delete(self, profile: Profile) -> None:
        """Remove the profile and everything that finds it."""
        del self.by_braze_id[profile.braze_id]
        for external_id in (profile.external_id, *profile.former_ids):
            if external_id is not None:
                self.by_external_id.pop(external_id, None)
        for pair in profile.aliases.items():
            self.by_alias.pop(pair, None)
        for name in ("email", "phone"):
            if name in profile.attributes:
                self._forget_address(profile, name, profile.attributes[name])

    def _preferred(self, name: str, address: Any) -> Profile | None:
        # Several matches: identified profiles first, then the most recently updated.
        matches = self.having(name, address)
        return max(matches, key=lambda p: (p.external_id is not None, p.updated_at), default=None)

    def _forget_address(self, profile: Profile, name: str, value: str) -> None:
        place = (name, value.lower())
        holders = self._by_address.get(place, {})
        holders.pop(profile.braze_id, None)
        if not holders:
            self._by_address.pop(place, None)
