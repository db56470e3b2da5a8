"""BigQuery's jobs, with a client that takes notes; and Google's real packages, where they are there."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.bigquery import BigQuery
from roo_dbt.warehouse.bigquery_client import Google, load
from roo_dbt.warehouse.dialects.bigquery import BigQueryDialect
from roo_dbt.warehouse.statement import RefusedStatement

SECRET = "a-google-key-nobody-may-see"
TARGET: dict[str, Any] = {"method": "oauth", "database": "shop", "schema": "main", "location": "EU"}
DIALECT = BigQueryDialect()


class ApiError(Exception):
    """What Google's packages raise about a request."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class NoCredentials(Exception):
    """What they raise about who asks."""


@dataclass
class Cloud:
    """Google's packages, without Google. `answer` gives the rows of a statement, and may raise."""

    answer: Callable[[str], Sequence[Mapping[str, Any]]] = field(default=lambda _: [])
    clients: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[tuple[str, SimpleNamespace]] = field(default_factory=list)
    signed: list[tuple[str, Any]] = field(default_factory=list)

    def google(self) -> Google:
        """The parts that are used."""
        bigquery = SimpleNamespace(
            Client=self.client,
            QueryJobConfig=SimpleNamespace,
            ScalarQueryParameter=lambda _, kind, value: (kind, value),
            ConnectionProperty=lambda key, value: (key, value),
        )
        account = SimpleNamespace(
            from_service_account_file=lambda path, **_: self.sign("file", path),
            from_service_account_info=lambda info, **_: self.sign("info", info),
        )

        def default(scopes: Sequence[str], quota_project_id: str | None) -> tuple[Any, str]:
            return self.sign("default", quota_project_id), "shop"

        return Google(
            bigquery,
            ApiError,
            NoCredentials,
            default,
            account,
            lambda **names: self.sign("user", names),
            lambda **names: self.sign("impersonated", names["target_principal"]),
        )

    def sign(self, way: str, what: Any) -> str:
        """Note who asks."""
        self.signed.append((way, what))
        return way

    def client(self, **settings: Any) -> SimpleNamespace:
        """Note how it is made."""
        self.clients.append(settings)
        return SimpleNamespace(query=self.query)

    def query(self, sql: str, *, job_config: SimpleNamespace) -> SimpleNamespace:
        """Note the job."""
        self.jobs.append((sql, job_config))
        rows = self.answer(sql)
        return SimpleNamespace(
            result=lambda: rows,
            total_bytes_processed=10_485_760,
            num_dml_affected_rows=7 if sql.startswith("UPDATE") else None,
            session_info=SimpleNamespace(session_id="s1"),
        )


def test_a_job_says_whose_it_is_and_what_it_may_cost() -> None:
    cloud = Cloud(lambda _: [{"a": 1, "b": "x"}])
    target = {**TARGET, "maximum_bytes_billed": 1000, "priority": "batch", "execution_project": "payer"}
    warehouse = BigQuery(target, google=cloud.google())
    with warehouse.session("Braze customers") as session:
        assert session.run("SELECT 1 AS a, 'x' AS b") == [(1, "x")]
    ((_, config),) = cloud.jobs
    assert warehouse.bytes_scanned("Braze customers") == 10_485_760
    assert config.labels == {"roo-dbt": "braze_customers"}
    assert (config.maximum_bytes_billed, config.priority) == (1000, "BATCH")
    assert cloud.clients == [{"project": "payer", "credentials": "default", "location": "EU"}]


def test_parameters_have_a_type_and_null_is_written() -> None:
    cloud = Cloud()
    with BigQuery(TARGET, google=cloud.google()).session() as session:
        assert session.one("UPDATE t SET a = ?, b = ?, c = ? WHERE d = ?", ["x", None, 3, True]) == 7
    ((sql, config),) = cloud.jobs
    assert sql == "UPDATE t SET a = ?, b = NULL, c = ? WHERE d = ?"
    assert config.query_parameters == [("STRING", "x"), ("INT64", 3), ("BOOL", True)]


def test_a_question_mark_in_a_statement_without_parameters_stays() -> None:
    cloud = Cloud()
    with BigQuery(TARGET, google=cloud.google()).session() as session:
        session.run("SELECT '?'")
    assert cloud.jobs[0][0] == "SELECT '?'"


def test_temporary_tables_begin_a_session_that_is_ended() -> None:
    cloud = Cloud()
    warehouse = BigQuery(TARGET, google=cloud.google())
    with warehouse.session() as session:
        session.run("SELECT 1")
        session.run_all(DIALECT.create_temporary("roo_x", "SELECT 1 AS a"))
        session.run("SELECT * FROM roo_x")
    plain, begins, within, end = (config for _, config in cloud.jobs)
    assert not hasattr(plain, "create_session")
    assert begins.create_session
    assert not hasattr(begins, "connection_properties")
    assert within.connection_properties == end.connection_properties == [("session_id", "s1")]
    assert cloud.jobs[-1][0] == "CALL BQ.ABORT_SESSION()"
    with warehouse.session() as session, session.transaction():
        session.run("DELETE FROM t WHERE true")
    assert cloud.jobs[-1][0] == "DELETE FROM t WHERE true"


@pytest.mark.parametrize(
    ("changes", "signed"),
    [
        ({}, ("default", None)),
        ({"quota_project": "q"}, ("default", "q")),
        ({"method": "service-account", "keyfile": "k.json"}, ("file", "k.json")),
        (
            {"method": "service-account-json", "keyfile_json": {"private_key": "a\\nb"}},
            ("info", {"private_key": "a\nb"}),
        ),
        (
            {
                "method": "service-account-json",
                "keyfile_json": base64.b64encode(json.dumps({"private_key": "k"}).encode()).decode(),
            },
            ("info", {"private_key": "k"}),
        ),
        (
            {"method": "oauth-secrets", "token": "t"},
            (
                "user",
                {
                    "scopes": [
                        "https://www.googleapis.com/auth/bigquery",
                        "https://www.googleapis.com/auth/cloud-platform",
                        "https://www.googleapis.com/auth/drive",
                    ],
                    "token": "t",
                    "refresh_token": None,
                    "client_id": None,
                    "client_secret": None,
                    "token_uri": None,
                },
            ),
        ),
        ({"impersonate_service_account": "robot@shop"}, ("impersonated", "robot@shop")),
    ],
)
def test_ways_to_sign_in_are_those_of_dbt(changes: dict[str, Any], signed: tuple[str, Any]) -> None:
    cloud = Cloud()
    assert BigQuery({**TARGET, **changes}, google=cloud.google()).client
    assert cloud.signed[-1] == signed


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "external-oauth-wif"},
        {"method": "service-account-json", "keyfile_json": SECRET},
    ],
)
def test_what_nobody_can_sign_in_with_is_refused_without_the_key(changes: dict[str, Any]) -> None:
    with pytest.raises(WarehouseUnavailable) as refusal:
        assert BigQuery({**TARGET, **changes}, google=Cloud().google()).client
    assert SECRET not in str(refusal.value)


def test_missing_credentials_say_what_to_type() -> None:
    cloud = Cloud()
    google = cloud.google()

    def default(**_: Any) -> Any:
        raise NoCredentials(SECRET)

    changed = Google(**{**google.__dict__, "default": default})
    with pytest.raises(WarehouseUnavailable, match="gcloud auth application-default login") as refusal:
        assert BigQuery(TARGET, google=changed).client
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (ApiError(400, "Unrecognized name: emial at [1:8]"), RefusedStatement, "emial"),
        (ApiError(400, "Bad int64 value: ann@example.com"), RefusedStatement, "Bad int64 value"),
        (ApiError(403, "Access Denied: Table shop:main.customers"), RefusedStatement, "customers"),
        (ApiError(503, "backendError"), WarehouseLost, "backendError"),
        (ApiError(429, "quota"), WarehouseLost, "quota"),
        (ConnectionResetError("reset"), WarehouseLost, "reset"),
    ],
)
def test_an_error_is_the_statements_or_the_services(
    error: Exception, kind: type[RooError], said: str
) -> None:
    def answer(sql: str) -> Sequence[Mapping[str, Any]]:
        raise error

    with pytest.raises(kind) as refusal, BigQuery(TARGET, google=Cloud(answer).google()).session() as session:
        session.run("SELECT 1")
    assert said in refusal.value.message
    assert "ann@example.com" not in refusal.value.message


def test_a_statement_that_met_another_writer_is_run_again() -> None:
    refusals = [
        ApiError(400, "Could not serialize access to table shop:main_roo.roo_locks due to concurrent update")
    ]
    slept: list[float] = []

    def answer(sql: str) -> Sequence[Mapping[str, Any]]:
        if refusals:
            raise refusals.pop()
        return [{"a": 1}]

    with BigQuery(TARGET, google=Cloud(answer).google(), sleep=slept.append).session() as session:
        assert session.one("SELECT 1 AS a") == 1
    assert len(slept) == 1


def test_columns_come_from_the_dataset_and_a_missing_one_has_none() -> None:
    def answer(sql: str) -> Sequence[Mapping[str, Any]]:
        if "main_roo" in sql:
            raise ApiError(404, "Not found: Dataset shop:main_roo")
        return [{"column_name": "id", "data_type": "INT64"}]

    cloud = Cloud(answer)
    warehouse = BigQuery(TARGET, google=cloud.google())
    with warehouse.session() as session:
        found = warehouse.columns(session, Relation(None, "main", "customers", ""))
        assert found == [Column("id", "INT64")]
        assert warehouse.columns(session, Relation("shop", "main_roo", "roo_state", "")) is None
    assert "`shop`.`main`.`INFORMATION_SCHEMA`.`COLUMNS`" in cloud.jobs[0][0]


def test_names_stand_in_backticks() -> None:
    warehouse = BigQuery(TARGET, google=Cloud().google())
    assert warehouse.layout("shop", "main_roo").runs == "`shop`.`main_roo`.`roo_runs`"
    assert DIALECT.quote("a`b\\") == "`a\\`b\\\\`"
    assert "BigQuery Data Editor" in warehouse.permission("main_roo")


@pytest.mark.parametrize(
    ("type_", "kept"),
    [
        ("STRING(50)", "STRING"),
        ("NUMERIC(10, 2)", "NUMERIC(10, 2)"),
        ("ARRAY<STRING>", "JSON"),
        ("STRUCT<bytes INT64, b ARRAY<DATE>>", "JSON"),
        ("JSON", "JSON"),
        ("BYTES", None),
        ("ARRAY<BYTES>", None),
        ("STRUCT<a BYTES>", None),
        ("GEOGRAPHY", None),
        ("RANGE<DATE>", None),
    ],
)
def test_types_and_what_they_are_kept_as(type_: str, kept: str | None) -> None:
    assert DIALECT.sendable(type_) is (kept is not None)
    if kept is not None:
        assert DIALECT.stored(type_) == kept


def test_googles_packages_have_the_parts_that_we_use() -> None:
    pytest.importorskip("google.cloud.bigquery", reason="pip install 'roo-dbt[bigquery]'")
    google = load()
    warehouse = BigQuery(TARGET, google=google)
    config = warehouse.job("braze", [("STRING", "x"), ("INT64", 1)], "s1", begins=True)
    sent = config.to_api_repr()
    assert sent["labels"] == {"roo-dbt": "braze"}
    assert sent["query"]["createSession"]
    assert sent["query"]["connectionProperties"] == [{"key": "session_id", "value": "s1"}]
    assert [each["parameterType"]["type"] for each in sent["query"]["queryParameters"]] == ["STRING", "INT64"]
