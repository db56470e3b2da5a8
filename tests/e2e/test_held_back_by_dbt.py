"""Failing rows as real dbt keeps them: each of its own generic tests, and a test in SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Dbt
from tests.run.shop import Shop, counted

from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import sync
from roo_dbt.sandbox.server import Sandbox

MODEL = """
select * from (values
  (1, 'ann@example.com', 'Oslo', 1), (2, null, 'Oslo', 1), (3, 'cy@example.com', 'Atlantis', 1),
  (4, 'di@example.com', 'Rome', 99), (5, 'eve@example.com', 'Rome', 1), (6, 'fay', 'Rome', 1),
  (7, 'gus@example.com', 'Rome', 1), (7, 'gus@example.com', 'Rome', 1)
) t(id, email, city, parent)
"""

YAML = """
models:
  - name: customers
    config:
      meta:
        roo:
          key: id
          destinations:
            - name: braze_customers
              app: braze
              sync_mode: sync
              hold_back_failing_rows: true
              mapping: {external_id: id, email: email, home_city: city}
    columns:
      - name: id
        data_tests: [unique]
      - name: email
        data_tests: [not_null]
      - name: city
        data_tests:
          - accepted_values: {arguments: {values: [Oslo, Rome]}}
      - name: parent
        data_tests:
          - relationships: {arguments: {to: ref('parents'), field: id}}
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Braze on loopback."""
    with Sandbox(enforce_limits=False) as running:
        yield running


def test_rows_that_fail_in_dbt_stay_and_the_rest_goes(tmp_path: Path, sandbox: Sandbox, dbt: Dbt) -> None:
    shop = Shop(tmp_path, sandbox)
    shop.write()
    project = tmp_path / "dbt_project.yml"
    project.write_text(project.read_text()[:-1] + ', "data_tests": {"+store_failures": true}}')
    for name, text in {
        "models/customers.sql": MODEL,
        "models/parents.sql": "select 1 as id",
        "models/customers.yml": YAML,
        "tests/emails_have_an_at.sql": "select * from {{ ref('customers') }} where email not like '%@%'",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    built = dbt(tmp_path, "build", "--profiles-dir", str(tmp_path))
    assert "ERROR=5" in built.stdout, built.stdout
    report = sync(shop.options(), SilentProgress(), threading.Event(), shop.environ)
    (result,) = report.results
    assert counted(result) == {"created": 2, "held": 6}, result.message
    assert sorted(sandbox.braze_users) == ["1", "5"]
    assert report.exit_code == 1
    for test in ("unique_customers_id", "not_null_customers_email", "emails_have_an_at"):
        assert test in str(result.message)
