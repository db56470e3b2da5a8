"""`roo-dbt check`: the warehouse, the keys, and the fields of the workspace."""

from __future__ import annotations

from tests.run.shop import Shop

from roo_dbt.records import Finding
from roo_dbt.run import check


def findings(shop: Shop) -> list[Finding]:
    """What the command would show."""
    shop.write()
    return check(shop.options(), shop.environ)


def test_a_good_key_passes_and_changes_nothing(shop: Shop) -> None:
    shop.iterable()
    found = findings(shop)
    assert all(finding.ok for finding in found)
    assert {finding.subject.split(":")[0] for finding in found} == {"warehouse", "braze", "iterable"}
    assert shop.sandbox.braze_users == {}


def test_the_warehouse_says_how_far_its_engine_is_tested(shop: Shop) -> None:
    shop.braze()
    (found,) = [finding for finding in findings(shop) if finding.subject == "warehouse"]
    assert found.message.startswith(f"{shop.on.database} answers; 1 table of destinations found")
    assert found.message.endswith(": tested against the real thing)")


def test_a_wrong_key_and_a_key_without_permission_are_told_apart(shop: Shop) -> None:
    shop.environ["BRAZE_KEY"] = "wrong"
    assert not all(finding.ok for finding in findings(shop))
    shop.environ["BRAZE_KEY"] = "no-permission"
    text = " ".join(finding.message for finding in findings(shop) if not finding.ok)
    assert "users.track" in text or "permission" in text


def test_a_variable_that_is_not_set_is_a_finding(shop: Shop) -> None:
    shop.environ.clear()
    text = " ".join(finding.message for finding in findings(shop) if not finding.ok)
    assert "BRAZE_KEY" in text


def test_a_column_that_does_not_fit_the_field_of_the_workspace_is_pointed_out(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "id", "score": "ltv"})
    shop.sync()
    shop.braze(mapping={"external_id": "id", "score": "city"})
    text = " ".join(finding.message for finding in findings(shop))
    assert "score" in text
