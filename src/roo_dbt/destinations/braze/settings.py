"""A connection to one Braze workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field as Setting
from pydantic import SecretStr, field_validator

from roo_dbt.destinations.braze import discovery
from roo_dbt.destinations.braze.events import Events, Purchases
from roo_dbt.destinations.braze.limits import LIMITS, TRACK_OBJECTS
from roo_dbt.destinations.braze.outcomes import Source
from roo_dbt.destinations.braze.permissions import probes_for, probes_of, try_permissions
from roo_dbt.destinations.braze.users import Users
from roo_dbt.destinations.protocol import App, KnownField, Limit, Object, Send
from roo_dbt.records import Destination, Finding

_ObjectType = type[Object]
_EXAMPLE = "https://rest.iad-01.braze.com"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Braze(App):
    """A connection to one Braze workspace: `vars: roo: apps: NAME`."""

    type: ClassVar[str] = "braze"
    title: ClassVar[str] = "Braze"
    objects: ClassVar[Mapping[str, _ObjectType]] = {
        "users": Users,
        "events": Events,
        "purchases": Purchases,
    }
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    first_settings: ClassVar[Mapping[str, str]] = {
        "rest_endpoint": "${BRAZE_REST_ENDPOINT:-http://127.0.0.1:8911}",
        "api_key": "${BRAZE_API_KEY}",
    }

    rest_endpoint: str = Setting(
        description=f"The REST endpoint of your instance, such as {_EXAMPLE}; the dashboard shows it.",
    )
    api_key: SecretStr = Setting(
        description="A REST API key with the permission users.track, and what else the destinations need."
    )
    app_id: str | None = Setting(
        None, description="The app that events and purchases belong to, unless they say otherwise."
    )
    max_objects: int = Setting(
        TRACK_OBJECTS.number,
        ge=1,
        le=TRACK_OBJECTS.number,
        description="Objects in one request to users/track.",
    )
    batch_limit: Literal["combined", "per_array"] = Setting(
        "combined",
        description=(
            "Whether `max_objects` counts attributes, events and purchases together, as Braze does today, or "
            "each for itself, as on contracts with the legacy rate limits."
        ),
    )

    max_data_points: int | None = Setting(
        None,
        ge=0,
        description="Data points that one run of a destination may cost, unless the destination says itself.",
    )

    @field_validator("rest_endpoint")
    @classmethod
    def _rest_host(cls, value: str) -> str:
        return normal_endpoint(value)

    @property
    def endpoint(self) -> str:
        """Scheme and host, without a trailing slash."""
        return self.rest_endpoint

    def headers(self) -> dict[str, str]:
        """The headers of every request; `Authorization` holds the key."""
        return {
            "Authorization": f"Bearer {self.api_key.get_secret_value()}",
            "Content-Type": "application/json",
        }

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        """Try each permission with an empty request, which changes nothing."""
        return list(try_permissions(send, probes_of(objects), self.endpoint))

    def check_for(self, send: Send, destinations: Sequence[Destination]) -> Sequence[Finding]:
        """Try the permissions that these destinations need."""
        return list(try_permissions(send, probes_for(destinations), self.endpoint))

    @classmethod
    def website(cls, settings: Mapping[str, str]) -> str:
        """The dashboard beside the REST endpoint, else Braze's page."""
        return dashboard_for(settings.get("rest_endpoint", ""))

    def fields(self, send: Send) -> tuple[KnownField, ...]:
        """The custom attributes of the workspace; raises as `discovery.custom_attributes`."""
        source = Source(self.endpoint, discovery.PERMISSION, self.secrets())
        return tuple(discovery.custom_attributes(send, source))


def normal_endpoint(value: str) -> str:
    """A REST endpoint as scheme and host; trailing slashes go.

    Hosts are not checked against a list: Braze opens new instances.

    Raises:
        ValueError: it is no such endpoint; the text says what to write.
    """
    text = value.strip()
    if "://" not in text:
        raise ValueError(f"must start with https://; write https://{text}" if text else f"write {_EXAMPLE}")
    parts = urlsplit(text.rstrip("/"))
    host = parts.hostname or ""
    if not host or parts.username or parts.password:
        raise ValueError(f"must be a scheme and a host, nothing else; write {_EXAMPLE}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError(f"must start with https://; write https://{parts.netloc}")
    if host.startswith(("dashboard", "sdk.")) and host.endswith((".braze.com", ".braze.eu")):
        raise ValueError(f"is not a REST endpoint of Braze; write {_rest_endpoint_for(host)}")
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"must be a scheme and a host without a path; write {parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _rest_endpoint_for(host: str) -> str:
    """The REST endpoint beside a dashboard or SDK host.

    Source: https://www.braze.com/docs/api/basics (read 2026-11-22).
    """
    numbered = re.fullmatch(r"dashboard-(\d\d)\.braze\.(com|eu)", host)
    if numbered:
        number, domain = numbered.groups()
        if domain == "eu":
            return f"https://rest.fra-{number}.braze.eu"
        return (
            f"https://rest.iad-{number}.braze.com"
            if number <= "08"
            else f"https://rest.us-{number}.braze.com"
        )
    region = re.fullmatch(r"(?:dashboard|sdk)\.([a-z]+-\d\d)\.braze\.(com|eu)", host)
    return f"https://rest.{region[1]}.braze.{region[2]}" if region else _EXAMPLE


def dashboard_for(endpoint: str) -> str:
    """The dashboard beside a REST endpoint; Braze's own page for one that is not known.

    Source: https://www.braze.com/docs/api/basics (read 2026-11-22).
    """
    match = re.fullmatch(r"https://rest\.([a-z]+)-(\d\d)\.braze\.(com|eu)/?", endpoint.strip())
    if match is None:
        return "https://www.braze.com"
    region, number, domain = match.groups()
    if (region, domain) in (("iad", "com"), ("fra", "eu")):
        return f"https://dashboard-{number}.braze.{domain}"
    return f"https://dashboard.{region}-{number}.braze.{domain}"
