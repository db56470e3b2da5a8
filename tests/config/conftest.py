"""The vendor of `postbox.py` installed beside the built-in ones, and a project to declare things in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.published import published

from roo_dbt.config import Declarations, declare
from roo_dbt.records import Model, Relation

VARS: dict[str, Any] = {
    "apps": {
        "postbox": {
            "type": "postbox",
            "api_key": "${POSTBOX_KEY}",
            "rest_endpoint": "https://api.postbox.example",
        }
    },
    "targets": ["prod"],
}


@pytest.fixture(scope="module", autouse=True)
def installed_postbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Metadata of an installed distribution that publishes Postbox and two broken vendors."""
    lines = (
        "postbox = postbox:Postbox\nbroken = postbox_without_module:Nothing\n"
        "wrong = postbox:Users\nbraze = postbox:Postbox"
    )
    with published(tmp_path_factory.mktemp("site"), "roo-postbox", lines):
        yield


@pytest.fixture
def model() -> Callable[..., Model]:
    """Make a model with this meta."""

    def make(meta: Any, columns: Mapping[str, Any] | None = None, **more: Any) -> Model:
        name = more.pop("name", "customers")
        relation = Relation("shop", "main", name, f'"shop"."main"."{name}"')
        file = more.pop("file", "models/shop.yml")
        return Model(f"model.shop.{name}", name, "model", relation, file, meta, columns or {}, **more)

    return make


@pytest.fixture
def declared(model: Callable[..., Model]) -> Callable[..., Declarations]:
    """Declare one model with this meta in a project that has the app `postbox`."""

    def make(meta: Any, columns: Mapping[str, Any] | None = None, **more: Any) -> Declarations:
        roo_vars = more.pop("roo_vars", VARS)
        return declare([model(meta, columns, **more)], roo_vars, environ={})

    return make


@pytest.fixture
def meta() -> dict[str, Any]:
    """A block without a mistake, new for every test."""
    return {
        "key": "customer_id",
        "destinations": [
            {
                "name": "post_customers",
                "app": "postbox",
                "sync_mode": "sync",
                "mapping": {"external_id": "customer_id", "email": "email"},
            }
        ],
    }


@pytest.fixture
def roo_vars() -> dict[str, Any]:
    """Vars without a mistake, new for every test."""
    return {**VARS, "apps": {"postbox": dict(VARS["apps"]["postbox"])}}
