"""What only a server can do to a run: rights, other writers, restarts; and the types that only Postgres has."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.postgres_server import PASSWORD
from tests.run.engines import PostgresDatabase
from tests.run.shop import ANN, Shop, counted

from roo_dbt.errors import ConfigurationProblem, WarehouseUnavailable
from roo_dbt.run import baseline
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.warehouse.postgres import PostgresSession

POSTGRES = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
pytestmark = POSTGRES
BASE = {"external_id": "id", "email": "email"}


@dataclass
class AsSomebody(PostgresDatabase):
    """The database, as a user with few rights."""

    user: str = ""

    def profile(self) -> dict[str, Any]:
        """The target of that user."""
        return self.server.profile(self.database, user=self.user)


@pytest.fixture
def poor(tmp_path: Path, sandbox: Sandbox, engine: PostgresDatabase) -> Iterator[Shop]:
    """A shop whose profile names a user who may read its tables and nothing else."""
    user = f"reader_of_{engine.database}"
    engine.sql(
        "CREATE TABLE customers AS SELECT 1 AS id, 'ann@example.com' AS email, 'x' AS city, 1.5 AS ltv"
    )
    with engine.server.connect(engine.database) as owner:
        owner.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'".encode())
        owner.execute(f"GRANT USAGE ON SCHEMA main TO {user}".encode())
        owner.execute(f"GRANT SELECT ON main.customers TO {user}".encode())
        shop = Shop(tmp_path, sandbox, engine=AsSomebody(engine.server, engine.database, user=user))
        shop.braze()
        yield shop
        owner.execute(f"DROP OWNED BY {user}; DROP ROLE {user}".encode())


def test_without_a_right_to_make_tables_a_plan_works_and_a_sync_says_what_to_grant(poor: Shop) -> None:
    assert poor.plan().counts.create == 1
    with pytest.raises(WarehouseUnavailable) as refusal:
        poor.sync()
    said = str(refusal.value)
    assert "permission denied for database" in said
    assert f'CREATE SCHEMA IF NOT EXISTS "main_roo" AUTHORIZATION "reader_of_{poor.on.database}"' in said
    assert said.endswith("or keep the state in a local file: vars.roo.state: {path: roo_state.duckdb}.")
    assert refusal.value.exit_code == 2
    assert poor.sandbox.requests == []


def test_the_other_way_works_without_any_further_right(poor: Shop, engine: PostgresDatabase) -> None:
    with engine.server.connect(engine.database) as owner:
        owner.execute(f"REVOKE TEMPORARY ON DATABASE {engine.database} FROM PUBLIC".encode())
    plan = poor.plan()
    assert plan.status == "blocked"
    assert "GRANT TEMPORARY ON DATABASE" in plan.blocked_by[0]
    poor.roo["state"] = {"path": "roo_state.duckdb"}
    assert poor.plan().counts.create == 1
    assert counted(poor.sync()) == {"created": 1}
    assert counted(poor.sync()) == {"unchanged": 1}


def test_a_schema_that_somebody_made_for_us_is_enough(poor: Shop) -> None:
    user = f"reader_of_{poor.on.database}"
    poor.sql(f'CREATE SCHEMA main_roo AUTHORIZATION "{user}"')
    assert counted(poor.sync()) == {"created": 1}
    assert counted(poor.sync()) == {"unchanged": 1}


def test_a_model_that_may_not_be_read_blocks_its_destination_and_names_the_grant(poor: Shop) -> None:
    user = f"reader_of_{poor.on.database}"
    poor.sql(
        f'CREATE SCHEMA main_roo AUTHORIZATION "{user}"', f'REVOKE SELECT ON main.customers FROM "{user}"'
    )
    report = poor.report()
    assert (report.exit_code, report.results[0].status) == (1, "blocked")
    assert "GRANT SELECT ON customers" in str(report.results[0].message)


def test_a_missing_schema_or_table_says_to_build_it(shop: Shop) -> None:
    shop.sql("DROP SCHEMA main CASCADE")
    with pytest.raises(ConfigurationProblem) as refusal:
        shop.sync()
    assert "dbt build --select customers" in str(refusal.value)


@pytest.mark.parametrize(
    "value", [r"'\x01'::bytea", "INTERVAL '1 day'", "point(1, 2)"], ids=["bytea", "interval", "point"]
)
def test_a_type_that_nobody_can_send_is_named_before_anything_is_sent(
    shop: Shop, engine: PostgresDatabase, value: str
) -> None:
    with engine.server.connect(engine.database) as owner:
        owner.execute(b"ALTER TABLE main.customers ADD COLUMN odd text; ")
        owner.execute(b"ALTER TABLE main.customers DROP COLUMN odd")
        owner.execute(f"CREATE TABLE main.odd AS SELECT c.*, {value} AS odd FROM main.customers c".encode())
        owner.execute(b"DROP TABLE main.customers; ALTER TABLE main.odd RENAME TO customers")
    shop.braze(mapping={**BASE, "odd": "odd"})
    with pytest.raises(ConfigurationProblem) as refusal:
        shop.sync()
    assert "unsendable-type" in str(refusal.value)
    assert "cast the column in the model" in str(refusal.value)


TYPES = {
    "tier": ("mood", "'gold'", "'basic'", "gold", "basic"),
    "mail": ("citext", "'Ann'", "'ann'", "Ann", "ann"),
    "tags": ("text[]", "'{a,b}'", "'{a}'", ["a", "b"], ["a"]),
    "doc": ("json", """'{"b":1,"a":[1.5]}'""", """'{"b":2}'""", {"b": 1, "a": [1.5]}, {"b": 2}),
    "docb": ("jsonb", """'{"b":1}'""", """'{"b":2}'""", {"b": 1}, {"b": 2}),
    "paid": ("numeric(10,2)", "1.50", "2", 1.5, 2.0),
    "seen": (
        "timestamptz",
        "'2026-01-02 01:00+02'",
        "'2026-01-03Z'",
        "2026-01-01T23:00:00.000Z",
        "2026-01-03T00:00:00.000Z",
    ),
    "at": (
        "timestamp(0)",
        "'2026-01-02'",
        "'2026-01-03'",
        "2026-01-02T00:00:00.000Z",
        "2026-01-03T00:00:00.000Z",
    ),
    "born": ("date", "'1999-01-02'", "'1999-01-03'", "1999-01-02", "1999-01-03"),
    "ref": (
        "uuid",
        "'00000000-0000-0000-0000-000000000001'",
        "NULL",
        "00000000-0000-0000-0000-000000000001",
        None,
    ),
    "cash": ("money", "12.5", "13", 12.5, 13.0),
    "code": ("character(5)", "'a'", "'b'", "a", "b"),
    "on": ("boolean", "true", "false", True, False),
}


def typed(engine: PostgresDatabase, position: int) -> None:
    """A model with every type and one row; `position` picks its values."""
    columns = ", ".join(f'CAST({entry[position]} AS {entry[0]}) AS "{name}"' for name, entry in TYPES.items())
    with engine.server.connect(engine.database) as owner:
        owner.execute("SET search_path = main, public; SET timezone = 'UTC'")
        owner.execute("CREATE EXTENSION IF NOT EXISTS citext")
        owner.execute("DROP TABLE IF EXISTS customers; DROP TYPE IF EXISTS mood")
        owner.execute("CREATE TYPE mood AS ENUM ('basic', 'gold')")
        owner.execute(
            f"CREATE TABLE customers AS SELECT 1 AS id, 'ann@example.com' AS email, {columns}".encode()
        )


def test_every_type_goes_once_and_again_when_it_changed(shop: Shop, engine: PostgresDatabase) -> None:
    typed(engine, 1)
    shop.braze(mapping={**BASE, **{name: name for name in TYPES}})
    assert counted(shop.sync()) == {"created": 1}
    (body,) = shop.bodies
    assert {name: body[name] for name in TYPES} == {name: entry[3] for name, entry in TYPES.items()}
    typed(engine, 1)
    assert counted(shop.sync()) == {"unchanged": 1}
    typed(engine, 2)
    assert counted(shop.sync()) == {"updated": 1}
    (body,) = shop.bodies
    assert {name: body[name] for name in TYPES} == {name: entry[4] for name, entry in TYPES.items()}
    assert counted(shop.sync()) == {"unchanged": 1}


def test_what_json_cannot_say_fails_alone(shop: Shop) -> None:
    shop.customers(
        "SELECT i AS id, 'u' || i || '@example.com' AS email, 'x' AS city, "
        "CASE i WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN 'Infinity'::DOUBLE ELSE 1.5 END AS ltv FROM range(1, 4) r(i)"
    )
    result = shop.sync()
    assert counted(result) == {"created": 1, "failed": 2}
    assert {failure.code for failure in result.failures} == {"invalid_value"}
    assert counted(shop.sync()) == {"unchanged": 1, "held": 2}


def test_a_question_mark_in_where_is_an_operator(shop: Shop, engine: PostgresDatabase) -> None:
    shop.sql("ALTER TABLE customers ADD COLUMN doc JSON")
    with engine.server.connect(engine.database) as owner:
        owner.execute("ALTER TABLE main.customers ALTER doc TYPE jsonb USING doc::jsonb")
        owner.execute("""UPDATE main.customers SET doc = '{"vip": 1}' WHERE id < 3""")
    shop.braze(where="doc ? 'vip' AND email LIKE '%@%'")
    assert counted(shop.sync()) == {"created": 2}
    assert counted(shop.sync()) == {"unchanged": 2}


def test_a_condition_cannot_write(shop: Shop, engine: PostgresDatabase) -> None:
    with engine.server.connect(engine.database) as owner:
        owner.execute("CREATE TABLE main.kept AS SELECT 1 AS n")
        owner.execute(
            "CREATE FUNCTION main.purge() RETURNS boolean LANGUAGE sql AS 'DELETE FROM main.kept; SELECT true'"
        )
    shop.braze(where="main.purge() AND customers.id > 0")
    shop.write()
    with pytest.raises(ConfigurationProblem, match=r"where-refused.*read-only"):
        shop.plan()
    assert shop.sql("SELECT n FROM kept") == [(1,)]


def test_every_statement_about_a_destination_names_it(
    shop: Shop, engine: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `pg_stat_activity` and the server's log have it."""
    said: list[bytes] = []
    for kind in (psycopg.RawCursor, psycopg.ServerCursor):
        execute = kind.execute

        def noting(self: Any, query: bytes, *rest: Any, execute: Any = execute) -> Any:
            said.append(query)
            return execute(self, query, *rest)

        monkeypatch.setattr(kind, "execute", noting)
    shop.sync()
    shop.plan()
    baseline(shop.options(), shop.environ)
    assert len(said) > 100
    assert {query.rpartition(b"/* ")[2] for query in said} == {b"roo-dbt braze_customers */", b"roo-dbt */"}
    ours = (b"changes__braze_customers", b"snapshot__braze_customers", b'"customers"')
    # What is not about one destination alone: are the tables there, and may the condition be asked?
    nameless = [query for query in said if query.endswith(b"/* roo-dbt */") and any(n in query for n in ours)]
    assert not nameless


@pytest.mark.parametrize("materialized", ["table", "view"])
def test_the_work_is_shared_between_processes_and_a_view_is_not_worked_out_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, materialized: str
) -> None:
    shop.materialized = materialized
    shop.sync()
    said: list[str] = []
    run = PostgresSession.run

    def noting(self: Any, sql: str, parameters: Any = ()) -> Any:
        said.append(sql)
        return run(self, sql, parameters)

    monkeypatch.setattr(PostgresSession, "run", noting)
    shop.customers(f"{ANN}, (2, 'bo@example.com', 'Oslo', 20), (4, 'di@example.com', NULL, NULL)")
    assert counted(shop.sync()) == {"created": 1, "updated": 1, "deleted": 1, "unchanged": 1}
    (join,) = [sql for sql in said if sql.startswith("CREATE TEMPORARY TABLE roo_candidates")]
    # Before Postgres 16 a full join is the work of one process.
    assert ("FULL JOIN" in join) == (materialized == "view")
    assert join.count('"main"."customers"') == (1 if materialized == "view" else 2)


def test_dbt_may_rebuild_the_model_while_requests_are_in_flight(
    tmp_path: Path, engine: PostgresDatabase
) -> None:
    with Sandbox(enforce_limits=False, latency=0.05) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        rows = "SELECT i AS id, 'u' || i || '@example.com' AS email, '{}' AS city, i AS ltv FROM range(0, 600) r(i)"
        shop.customers(rows.format("Oslo"))
        shop.braze()
        began = threading.Event()

        def rebuild() -> None:
            while not sandbox.requests:
                began.wait(0.01)
            shop.customers(rows.format("Rome"))

        rebuilding = threading.Thread(target=rebuild)
        rebuilding.start()
        assert counted(shop.sync(threads=1)) == {"created": 600}
        rebuilding.join()
        assert {user["home_city"] for user in sandbox.braze_users.values()} == {"Oslo"}
        assert counted(shop.sync()) == {"updated": 600}
        assert {user["home_city"] for user in sandbox.braze_users.values()} == {"Rome"}


def test_two_runs_of_two_processes_send_everything_once(tmp_path: Path, engine: PostgresDatabase) -> None:
    with Sandbox(enforce_limits=False, latency=0.05) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
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
        runs = [subprocess.Popen(command, **how) for _ in range(3)]
        for run in runs:
            run.communicate(timeout=60)
        codes = sorted(run.returncode for run in runs)
        assert codes[0] == 0
        assert set(codes) <= {0, 1}
        sent = [body["external_id"] for body in shop.bodies]
        assert sorted(sent) == sorted({str(i) for i in range(750)})
        assert counted(shop.sync()) == {"unchanged": 750}


def test_connections_that_are_cut_while_nobody_uses_them_are_made_anew(
    tmp_path: Path, engine: PostgresDatabase
) -> None:
    with Sandbox(enforce_limits=False, latency=0.05) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        shop.customers(
            "SELECT i AS id, 'u' || i || '@example.com' AS email, 'x' AS city, i AS ltv FROM range(0, 900) r(i)"
        )
        shop.braze()
        # Nobody uses a connection between the page and the end.
        shop.roo["acknowledge_seconds"] = 60

        def cut() -> None:
            pause = threading.Event()
            while len(sandbox.requests) < 4:
                pause.wait(0.01)
            with engine.server.connect() as owner:
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    f"WHERE datname = '{engine.database}' AND state = 'idle'".encode()
                )

        cutting = threading.Thread(target=cut)
        cutting.start()
        assert counted(shop.sync(threads=1)) == {"created": 900}
        cutting.join()
        assert counted(shop.sync()) == {"unchanged": 900}


def test_a_server_that_stops_midway_stops_the_run_and_loses_nothing(
    tmp_path: Path, engine: PostgresDatabase
) -> None:
    with Sandbox(enforce_limits=False, latency=0.1) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        shop.customers(
            "SELECT i AS id, 'u' || i || '@example.com' AS email, 'x' AS city, i AS ltv FROM range(0, 1500) r(i)"
        )
        shop.braze()
        shop.roo["acknowledge_seconds"] = 0.1

        def close_the_door() -> None:
            """Let nobody in any more, which is what a server that is gone looks like to us."""
            pause = threading.Event()
            while len(sandbox.requests) < 4:
                pause.wait(0.01)
            with engine.server.connect() as owner:
                owner.execute(f"ALTER DATABASE {engine.database} ALLOW_CONNECTIONS false".encode())
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    f"WHERE datname = '{engine.database}'".encode()
                )

        closing = threading.Thread(target=close_the_door)
        closing.start()
        report = shop.report(threads=1)
        closing.join()
        (result,) = report.results
        assert (report.exit_code, result.status) == (3, "error")
        assert 0 < len(shop.bodies) < 1500
        with engine.server.connect() as owner:
            owner.execute(f"ALTER DATABASE {engine.database} ALLOW_CONNECTIONS true".encode())
        # This very process has the lock, and is not dead.
        shop.sql("UPDATE main_roo.roo_locks SET heartbeat_at = heartbeat_at - INTERVAL 61 SECOND")
        sandbox.store.settings.latency = 0.0
        assert shop.sync().status == "success"
        assert len(sandbox.braze_users) == 1500
        assert counted(shop.sync()) == {"unchanged": 1500}
