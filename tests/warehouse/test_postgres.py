"""Connections to a real Postgres: found, lost, refused; and what a session promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from tests.postgres_server import PASSWORD, Server

from roo_dbt.errors import Blocked, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.state import create_tables, lock
from roo_dbt.warehouse import open_warehouse
from roo_dbt.warehouse.postgres import Postgres
from roo_dbt.warehouse.postgres_errors import explained
from roo_dbt.warehouse.statement import RefusedStatement


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """An empty database."""
    name = postgres.database()
    yield name
    postgres.drop(name)


@pytest.fixture
def warehouse(postgres: Server, database: str) -> Postgres:
    """It, as a profile names it."""
    return Postgres(postgres.credentials(database))


@pytest.mark.parametrize(
    ("changes", "reason", "hint"),
    [
        ({"password": "wrong-and-secret"}, "password authentication failed", "Check user and password"),
        ({"password": None}, "no password supplied", "Check user and password"),
        ({"port": 1}, "Connection refused", "Check that the server runs"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist', "Check dbname"),
        ({"host": "no.such.host.invalid"}, "resolve host", "Check host"),
        ({"sslmode": "require"}, "does not support SSL", "Check sslmode"),
        ({"role": "nobody"}, 'role "nobody" does not exist', "Look at role"),
    ],
)
def test_a_connection_that_fails_says_where_why_and_what_to_look_at(
    postgres: Server, database: str, changes: dict[str, Any], reason: str, hint: str
) -> None:
    refused = Postgres({**postgres.credentials(database), **changes})
    with pytest.raises(WarehouseUnavailable) as refusal, refused.session():
        pass
    said = str(refusal.value)
    assert reason in said
    assert hint in said
    assert "\n" not in said
    assert PASSWORD not in said
    assert "wrong-and-secret" not in said


def test_a_server_that_comes_back_is_tried_as_often_as_the_profile_says(
    postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    patient = Postgres({**postgres.credentials(database), "port": 1, "retries": 2})
    connect = Mock(side_effect=psycopg.connect)
    monkeypatch.setattr("roo_dbt.warehouse.postgres.psycopg.connect", connect)
    with pytest.raises(WarehouseUnavailable), patient.session():
        pass
    assert connect.call_count == 3


def test_role_search_path_and_names_are_as_in_the_profile(postgres: Server, database: str) -> None:
    with postgres.connect(database) as owner:
        owner.execute("CREATE ROLE reporter NOLOGIN")
        try:
            settings = {"role": "reporter", "search_path": "one, two", "keepalives_idle": 5}
            warehouse = Postgres(postgres.credentials(database, connect_timeout=3, **settings))
            with warehouse.session() as session:
                assert session.run("SELECT current_user, current_setting('search_path')") == [
                    ("reporter", "one, two")
                ]
                assert session.one("SELECT current_setting('application_name')") == "roo-dbt"
        finally:
            owner.execute("DROP ROLE reporter")


def test_columns_are_found_by_exact_names_and_by_names_that_fold(warehouse: Postgres) -> None:
    with warehouse.session() as session:
        session.run('CREATE SCHEMA "My Shop"')
        session.run('CREATE TABLE "My Shop"."Customers" ("Id" bigint, email varchar(20))')
        session.run('CREATE VIEW "My Shop".customers AS SELECT 1 AS lower')
        found = [
            warehouse.columns(session, Relation(warehouse.database, "My Shop", name, ""))
            for name in ("Customers", "customers", "CUSTOMERS")
        ]
    assert found == [
        [Column("Id", "bigint"), Column("email", "character varying(20)")],
        [Column("lower", "integer")],
        None,
    ]


def test_another_database_is_out_of_reach(warehouse: Postgres) -> None:
    with warehouse.session() as session, pytest.raises(WarehouseUnavailable, match="in the database other"):
        warehouse.columns(session, Relation("other", "main", "customers", '"other"."main"."customers"'))
    with pytest.raises(WarehouseUnavailable, match="Leave out state_database"):
        warehouse.layout("other", "main_roo")


def test_a_connection_that_ended_while_idle_is_replaced(postgres: Server, warehouse: Postgres) -> None:
    with warehouse.session() as session:
        first = session.one("SELECT pg_backend_pid()")
    with warehouse.session() as session:
        assert session.one("SELECT pg_backend_pid()") == first
    with postgres.connect() as owner:
        owner.execute(f"SELECT pg_terminate_backend({first})".encode())
    with warehouse.session() as session:
        assert session.one("SELECT pg_backend_pid()") != first


def test_a_connection_that_ends_in_use_is_a_warehouse_that_was_lost(
    postgres: Server, warehouse: Postgres
) -> None:
    with warehouse.session() as session:
        pid = session.one("SELECT pg_backend_pid()")
        with postgres.connect() as owner:
            owner.execute(f"SELECT pg_terminate_backend({pid})".encode())
        with pytest.raises(WarehouseLost, match="Postgres could not go on"):
            session.run("SELECT 1")


def test_a_transaction_is_all_or_nothing_also_inside_another(warehouse: Postgres) -> None:
    with warehouse.session() as session:
        session.run("CREATE TABLE t (i integer)")
        with pytest.raises(RefusedStatement), session.transaction():
            session.run_all(["INSERT INTO t VALUES (1)", "SELECT nonsense"])
        with session.transaction():
            session.run("INSERT INTO t VALUES (2)")
            with pytest.raises(RefusedStatement), session.transaction():
                session.run_all(["INSERT INTO t VALUES (3)", "SELECT nonsense"])
        assert session.run("SELECT i FROM t") == [(2,)]


def test_temporary_tables_end_with_the_session(warehouse: Postgres) -> None:
    dialect = warehouse.dialect
    with warehouse.session() as session:
        session.run_all(dialect.create_temporary("roo_t", "SELECT 1 AS roo_seq", numbered=True))
        assert session.one(f"SELECT roo_seq FROM {dialect.temporary('roo_t')}") == 1
    with warehouse.session() as session, pytest.raises(RefusedStatement, match="does not exist"):
        session.run(f"SELECT roo_seq FROM {dialect.temporary('roo_t')}")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT CAST('ann@example.com' AS integer)", "invalid input syntax for type integer: …"),
        ("SELECT '\"ann\"\n x'::json", "invalid input syntax for type json"),
        ("DO $$ BEGIN RAISE EXCEPTION 'ann@example.com is odd'; END $$", "a function of the database"),
        ("SELECT nonsense", 'column "nonsense" does not exist'),
    ],
)
def test_errors_name_columns_and_never_values(warehouse: Postgres, sql: str, expected: str) -> None:
    with warehouse.session() as session, pytest.raises(RefusedStatement) as refusal:
        session.run(sql)
    assert expected in str(refusal.value)
    assert "ann" not in str(refusal.value)


def test_a_container_with_little_shared_memory_is_told_from_a_full_disk() -> None:
    said = "could not resize shared memory segment to 67108864 bytes: No space left on device"
    refused = explained(psycopg.errors.DiskFull(said), "SELECT 1", lost=False)
    assert isinstance(refused, WarehouseLost)
    assert "--shm-size" in str(refused)
    full = explained(psycopg.errors.DiskFull("could not extend file"), "SELECT 1", lost=False)
    assert "--shm-size" not in str(full)


def test_a_right_that_is_missing_is_named_with_its_grant(postgres: Server, database: str) -> None:
    with postgres.connect(database) as owner:
        owner.execute("CREATE TABLE public.secrets (i integer)")
        owner.execute(f"CREATE ROLE poor{database} LOGIN PASSWORD '{PASSWORD}'".encode())
        poor = Postgres(postgres.credentials(database, user=f"poor{database}"))
        with poor.session() as session, pytest.raises(RefusedStatement) as refusal:
            session.run("SELECT * FROM secrets")
        owner.execute(f"DROP ROLE poor{database}".encode())
    assert str(refusal.value) == (
        "permission denied for table secrets; an owner can help with GRANT SELECT ON secrets"
    )


def test_tables_made_by_many_at_once_are_made_once_and_one_of_them_gets_the_lock(
    warehouse: Postgres,
) -> None:
    together = threading.Barrier(6)
    layout = warehouse.layout(warehouse.database, "main_roo")

    def ask(number: int) -> bool:
        with warehouse.session() as session:
            together.wait()
            create_tables(session, layout)
            try:
                lock(session, layout, "braze", f"run {number}")
            except Blocked:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(6))) == 1
    with warehouse.session() as session:
        assert session.one(f"SELECT count(*) FROM {layout.locks}") == 1
        assert session.one(f"SELECT count(*) FROM {layout.versions}") == 1


def test_a_table_that_is_read_steadily_is_not_swapped_meanwhile(warehouse: Postgres) -> None:
    swapped = threading.Event()

    def swap() -> None:
        with warehouse.session() as session, session.transaction():
            session.run("DROP TABLE model")
            session.run("ALTER TABLE tmp RENAME TO model")
        swapped.set()

    with warehouse.session() as session:
        session.run("CREATE TABLE model AS SELECT 1 AS i")
        session.run("CREATE TABLE tmp AS SELECT 2 AS i")
        with session.steady('"public"."model"'):
            assert session.one("SELECT i FROM model") == 1
            swapping = threading.Thread(target=swap)
            swapping.start()
            assert not swapped.wait(0.2)
            assert session.one("SELECT i FROM model") == 1
        swapping.join()
        assert session.one("SELECT i FROM model") == 2


def test_rows_that_come_while_a_table_is_read_steadily_are_not_seen(warehouse: Postgres) -> None:
    with warehouse.session() as session, warehouse.session() as other:
        session.run("CREATE TABLE model AS SELECT 1 AS i")
        session.run("CREATE MATERIALIZED VIEW seen AS SELECT * FROM model")
        with session.steady("model"):
            assert session.one("SELECT count(*) FROM model") == 1
            other.run("INSERT INTO model VALUES (2)")
            assert session.one("SELECT count(*) FROM model") == 1
        with session.steady("seen"):
            assert session.one("SELECT count(*) FROM seen") == 1


def test_a_statement_says_whose_it_is_and_is_counted(warehouse: Postgres) -> None:
    with warehouse.session("braze_customers") as session:
        query = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        assert session.one(query) == f"{query} /* roo-dbt braze_customers */"
    assert (warehouse.statements("braze_customers"), warehouse.statements("")) == (1, 0)


def test_a_profile_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(WarehouseUnavailable, match="type is oracle"):
        open_warehouse("oracle", {})
