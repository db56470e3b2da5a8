"""Google's packages, and a client made of a profile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from roo_dbt.errors import WarehouseUnavailable

_SCOPES = (
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/drive",
)
"""Drive, because a model may select from a sheet. dbt-bigquery asks for the same."""


@dataclass(frozen=True)
class Google:
    """The parts that are used. `error` and `auth_error` are what they raise."""

    bigquery: Any
    error: type[Exception]
    auth_error: type[Exception]
    default: Any
    service_account: Any
    user: Any
    impersonated: Any


def load() -> Google:
    """The packages of `google-cloud-bigquery`."""
    bigquery = import_module("google.cloud.bigquery")
    return Google(
        bigquery,
        import_module("google.api_core.exceptions").GoogleAPIError,
        import_module("google.auth.exceptions").GoogleAuthError,
        import_module("google.auth").default,
        import_module("google.oauth2.service_account").Credentials,
        import_module("google.oauth2.credentials").Credentials,
        import_module("google.auth.impersonated_credentials").Credentials,
    )


def client_of(google: Google, given: Mapping[str, Any]) -> Any:
    """A client for the project that pays, in the profile's location.

    https://docs.getdbt.com/docs/core/connect-data-platform/bigquery-setup (read 2026-11-22)

    Raises:
        WarehouseUnavailable: a method that roo-dbt does not know.
    """
    credentials = _credentials(google, given)
    if given.get("impersonate_service_account"):
        credentials = google.impersonated(
            source_credentials=credentials,
            target_principal=given["impersonate_service_account"],
            target_scopes=list(given.get("scopes") or _SCOPES),
        )
    return google.bigquery.Client(
        project=given.get("execution_project") or given.get("database"),
        credentials=credentials,
        location=given.get("location"),
    )


def _credentials(google: Google, given: Mapping[str, Any]) -> Any:
    scopes, method = list(given.get("scopes") or _SCOPES), given.get("method") or "oauth"
    if method == "oauth":
        found, _ = google.default(scopes=scopes, quota_project_id=given.get("quota_project"))
        return found
    if method == "service-account":
        return google.service_account.from_service_account_file(given.get("keyfile"), scopes=scopes)
    if method == "service-account-json":
        return google.service_account.from_service_account_info(_key(given), scopes=scopes)
    if method == "oauth-secrets":
        names = ("token", "refresh_token", "client_id", "client_secret", "token_uri")
        return google.user(scopes=scopes, **{name: given.get(name) for name in names})
    raise WarehouseUnavailable(
        f"the profile's method is {method}, and roo-dbt knows oauth, oauth-secrets, service-account and "
        "service-account-json.",
        hint="Choose a target with one of these methods with --target.",
    )


def _key(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """`keyfile_json`: a mapping, its JSON, or that in base 64."""
    found = given.get("keyfile_json")
    if isinstance(found, str):
        try:
            text = (
                found if found.lstrip().startswith("{") else base64.b64decode(found, validate=True).decode()
            )
            found = json.loads(text)
        except (ValueError, binascii.Error):
            found = None
    if not isinstance(found, Mapping):
        raise WarehouseUnavailable(
            "the keyfile_json of the profile cannot be read.",
            hint="It is the service account's key as a mapping, or as JSON in base 64.",
        )
    return {**found, "private_key": str(found.get("private_key", "")).replace("\\n", "\n")}
