"""The state in a local file: the warehouse is only read, and all the rest is as it always is.

The modules that say `ALSO_ELSEWHERE` run on this kind of shop, too; here is what it alone has.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.run.engines import DUCKDB, ELSEWHERE, StateInAFile
from tests.run.shop import ANN, BO, Shop, counted
from tests.run.test_postgres_runs import BASE, TYPES, typed

from roo_dbt.errors import ConfigurationProblem, UsageProblem, WarehouseUnavailable
from roo_dbt.run import baseline, check, why
from roo_dbt.sandbox.server import Sandbox

READ_ONLY = pytest.mark.parametrize("engine", [ELSEWHERE], indirect=True)
"""Marks a test about a Postgres whose user has nothing but the right to read."""

KEPT = {"path": "kept.duckdb"}


def relations(engine: StateInAFile) -> Any:
    """Everything that is in the database, temporary tables and functions included."""
    return engine.warehouse.sql(
        "SELECT relname FROM pg_class WHERE relname NOT LIKE 'pg_toast%' UNION ALL SELECT proname FROM pg_proc UNION ALL "
        "SELECT nspname FROM pg_namespace ORDER BY 1"
    )


@READ_ONLY
def test_who_may_only_read_postgres_syncs_and_nothing_is_made_there(shop: Shop, engine: StateInAFile) -> None:
    before = relations(engine)
    assert shop.plan().counts.create == 3
    assert counted(shop.sync()) == {"created": 3}
    shop.customers(f"{ANN}, (2, 'bo@example.com', 'Oslo', 20)")
    assert counted(shop.sync()) == {"updated": 1, "deleted": 1, "unchanged": 1}
    assert shop.bodies == [{"external_id": "2", "home_city": "Oslo"}]
    assert counted(shop.sync()) == {"unchanged": 2}
    assert relations(engine) == before
    assert (shop.folder / "state.duckdb").stat().st_mode & 0o777 == 0o600


@READ_ONLY
def test_the_server_is_told_to_refuse_every_write(shop: Shop, engine: StateInAFile) -> None:
    # Even of a user who may do everything.
    with engine.warehouse.server.connect(engine.database) as owner:
        owner.execute(f"ALTER ROLE {engine.user} SUPERUSER".encode())
        owner.execute(b"SET search_path = main")
        owner.execute(
            b"CREATE FUNCTION main.sly() RETURNS boolean LANGUAGE plpgsql AS "
            b"$$ BEGIN INSERT INTO main.customers VALUES (9); RETURN true; END $$"
        )
    shop.braze(where="main.sly()")
    result = shop.sync()
    assert result.status == "blocked"
    assert "cannot execute INSERT in a read-only transaction" in str(result.message)
    assert shop.sql("SELECT count(*) FROM customers") == [(3,)]


@DUCKDB
def test_a_duckdb_file_stays_as_it_is_byte_by_byte_while_others_read_it(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    hold = "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('held', flush=True); sys.stdin.read()"
    before = hashlib.sha256(shop.file.read_bytes()).hexdigest()
    shop.file.chmod(0o444)
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(shop.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        assert counted(shop.sync()) == {"created": 3}
        assert counted(shop.sync()) == {"unchanged": 3}
        reader.communicate()
    shop.file.chmod(0o644)
    assert hashlib.sha256(shop.file.read_bytes()).hexdigest() == before
    assert (shop.folder / "kept.duckdb").stat().st_mode & 0o777 == 0o600


@READ_ONLY
def test_every_type_is_sent_as_if_the_state_were_in_the_warehouse(
    tmp_path: Path, sandbox: Sandbox, engine: StateInAFile
) -> None:
    elsewhere = Shop(tmp_path, sandbox, engine=engine)
    (tmp_path / "beside").mkdir()
    beside = Shop(tmp_path / "beside", sandbox, engine=engine.warehouse)
    sent = {}
    for version in (1, 1, 2):
        typed(engine.warehouse, version)
        for name, shop in (("elsewhere", elsewhere), ("beside", beside)):
            shop.braze(mapping={**BASE, **{field: field for field in TYPES}})
            result = shop.sync()
            sent[name] = (counted(result), shop.bodies)
        assert sent["elsewhere"] == sent["beside"]
    assert sent["elsewhere"][0] == {"updated": 1}


@pytest.mark.parametrize("engine", ["duckdb", ELSEWHERE], indirect=True)
def test_a_plan_says_in_one_sentence_what_is_read_each_run(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    shop.customers(
        "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i * 0.5::DOUBLE AS ltv, 'x' AS unused "
        "FROM range(0, 2000) r(i)"
    )
    (note,) = [note for note in shop.plan().notes if "read" in note]
    assert note == (
        "the whole of customers is read from the warehouse each run: 2,000 rows, 4 columns (about 82 kB)"
    )
    shop.braze(where="id < 1")
    (note,) = [note for note in shop.plan().notes if "read" in note]
    assert note == (
        "what `where` keeps of customers is read from the warehouse each run: 1 row, 4 columns (less than 1 kB)"
    )


@DUCKDB
def test_a_state_beside_the_models_costs_no_reading(shop: Shop) -> None:
    assert not [note for note in shop.plan().notes if "read" in note]


@DUCKDB
def test_a_plan_makes_no_file_and_the_next_ones_compare_with_it(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    assert shop.plan().counts.create == 3
    assert not (shop.folder / "kept.duckdb").exists()
    shop.sync()
    before = (shop.folder / "kept.duckdb").read_bytes()
    shop.customers(f"{ANN}, {BO}")
    assert shop.plan().counts.delete == 1
    assert (shop.folder / "kept.duckdb").read_bytes() == before


@READ_ONLY
def test_what_is_asked_of_the_state_alone_needs_no_warehouse(shop: Shop, engine: StateInAFile) -> None:
    shop.customers(f"{ANN}, (2, 'bo@example.com', NULL, 'NaN'::DOUBLE)")
    assert counted(shop.sync()) == {"created": 1, "failed": 1}
    runs, failed = shop.status(), shop.failures()
    assert len(failed) == 1
    with engine.warehouse.server.connect() as owner:
        owner.execute(f"ALTER DATABASE {engine.database} ALLOW_CONNECTIONS false".encode())
    try:
        assert shop.status() == runs
        assert shop.failures() == failed
    finally:
        with engine.warehouse.server.connect() as owner:
            owner.execute(f"ALTER DATABASE {engine.database} ALLOW_CONNECTIONS true".encode())


@DUCKDB
def test_a_column_that_is_key_and_date_goes_as_the_key_and_as_the_date(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    shop.key = ["day", "Id"]
    shop.customers(
        "SELECT 7 AS \"Id\", TIMESTAMP '2026-01-02 03:04:05' AS day, 'a@example.com' AS email, 1.50::DECIMAL(6,2) AS ltv"
    )
    shop.braze(mapping={"external_id": "Id", "email": "email", "day": "day", "ltv": "ltv"})
    assert counted(shop.sync()) == {"created": 1}
    (body,) = shop.bodies
    assert (body["day"], body["ltv"]) == ("2026-01-02T03:04:05.000Z", 1.5)
    assert counted(shop.sync()) == {"unchanged": 1}
    shop.write()
    life = why(shop.options(), "braze_customers", '["2026-01-02 03:04:05",7]', shop.environ)
    assert life.standing == "active"


@DUCKDB
def test_several_destinations_of_one_model_are_each_compared_with_their_own(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    shop.iterable()
    report = shop.report()
    assert [counted(result) for result in report.results] == [{"created": 3}, {"created": 3}]
    assert [plan.counts.unchanged for plan in shop.plans()] == [3, 3]
    baseline(shop.options(), shop.environ)
    assert [counted(result) for result in shop.report().results] == [{"unchanged": 3}, {"unchanged": 3}]


@READ_ONLY
def test_two_runs_at_once_send_every_record_once(tmp_path: Path, engine: StateInAFile) -> None:
    with Sandbox(enforce_limits=False, latency=0.05) as slow:
        shop = Shop(tmp_path, slow, engine=engine)
        shop.customers(
            "SELECT i AS id, 'u' || i || '@example.com' AS email, 'x' AS city, i AS ltv FROM range(0, 750) r(i)"
        )
        shop.braze()
        shop.write()
        command = [sys.executable, "-m", "roo_dbt", "sync", "--quiet"]
        how: dict[str, Any] = {
            "cwd": shop.folder,
            "env": os.environ | shop.environ,
            "stdout": -1,
            "stderr": -1,
        }
        runs = [subprocess.Popen(command, **how) for _ in range(2)]
        for run in runs:
            run.communicate(timeout=60)
        codes = sorted(run.returncode for run in runs)
        assert codes[0] == 0
        assert set(codes) <= {0, 1}
        assert sorted(body["external_id"] for body in shop.bodies) == sorted(str(i) for i in range(750))
        assert counted(shop.sync()) == {"unchanged": 750}


@DUCKDB
def test_check_says_where_the_state_is(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    shop.write()
    told = {finding.subject: finding.message for finding in check(shop.options(), shop.environ)}
    assert told["state file"] == f"{shop.folder / 'kept.duckdb'} can be used; there was no sync yet"
    shop.sync()
    told = {finding.subject: finding.message for finding in check(shop.options(), shop.environ)}
    assert told["state file"] == f"{shop.folder / 'kept.duckdb'} can be used; it has the schema main_roo"


@DUCKDB
def test_a_path_begins_at_the_project_and_may_come_from_a_variable(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shop.roo["state"] = {"path": "${KEPT_IN}/state of shop.duckdb"}
    shop.environ["KEPT_IN"] = "kept"
    (shop.folder / "kept").mkdir()
    shop.sync(state_schema="marketing")
    with duckdb.connect(str(shop.folder / "kept" / "state of shop.duckdb")) as file:
        assert file.execute("SELECT count(*) FROM marketing.snapshot__braze_customers").fetchall() == [(3,)]


@DUCKDB
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"state": {"file": "kept.duckdb"}}, "vars.roo.state.file: there is no setting of this name"),
        (
            {"state": {"path": "kept.duckdb", "mode": 1}},
            "vars.roo.state.mode: there is no setting of this name",
        ),
        ({"state": {}}, "vars.roo.state.path: is required"),
        ({"state": {"path": ""}}, "vars.roo.state.path: must not be empty"),
        ({"state": "kept.duckdb"}, "vars.roo.state: must be a mapping"),
        ({"state": KEPT, "state_database": "other"}, "vars.roo.state_database: names a database"),
    ],
)
def test_a_mistake_in_the_setting_is_one_line(shop: Shop, settings: dict[str, Any], said: str) -> None:
    shop.roo |= settings
    with pytest.raises(ConfigurationProblem) as refused:
        shop.sync()
    lines = str(refused.value).splitlines()[1:]
    assert any(said in line for line in lines), lines
    assert shop.sandbox.requests == []
    assert not (shop.folder / "kept.duckdb").exists()


@DUCKDB
def test_the_warehouses_own_file_is_no_state_file(shop: Shop) -> None:
    shop.roo["state"] = {"path": "shop.duckdb"}
    with pytest.raises(UsageProblem, match=r"shop\.duckdb is the warehouse itself"):
        shop.sync()


@DUCKDB
def test_a_state_database_is_no_option_where_the_state_is_a_file(shop: Shop) -> None:
    shop.roo["state"] = KEPT
    with pytest.raises(UsageProblem, match="Leave out --state-database"):
        shop.plan(state_database="other")


@DUCKDB
def test_a_place_where_no_file_can_be_ends_the_run_before_anything_is_sent(shop: Shop) -> None:
    shop.roo["state"] = {"path": "."}
    with pytest.raises(WarehouseUnavailable, match="is a folder") as refused:
        shop.sync()
    assert (refused.value.exit_code, shop.sandbox.requests) == (2, [])
