"""kill -9 at every step of a run on Postgres, where the transaction of a dead process is rolled back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Tell
from tests.faults.test_crash_loop import Customers, settled
from tests.faults.victim import STEPS, Step, Victims
from tests.postgres_server import Server
from tests.run.engines import Engine, PostgresDatabase, StateInAFile
from tests.run.shop import Shop

from roo_dbt.sandbox.server import Sandbox

INSIDE = [step for step in STEPS if step.module == "roo_dbt.state.commit" or step.name == "commit"]
"""Inside the transaction that counts most, and around it."""


@pytest.fixture
def both(tmp_path: Path, sandbox: Sandbox, postgres: Server) -> Iterator[Customers]:
    """Both vendors, in mode sync."""
    name = postgres.database()
    yield customers(tmp_path, sandbox, PostgresDatabase(postgres, name))
    postgres.drop(name)


def customers(tmp_path: Path, sandbox: Sandbox, engine: Engine) -> Customers:
    """A shop for both vendors, whose customers change."""
    shop = Shop(tmp_path, sandbox, engine=engine)
    shop.braze(delete_limit="100%")
    shop.iterable(delete_limit="100%", mapping={"email": "email", "city": "city", "ltv": {"column": "ltv"}})
    shop.write()
    return Customers(shop, random.Random(5))  # noqa: S311


def survive(both: Customers, steps: list[Step | None], span: float) -> int:
    """Change, die, run once more, for every step or at a random moment; how often it died.

    Who has ended before its moment came has another go, with an earlier one.
    """
    victims, deaths, todo = Victims(), 0, list(steps)
    both.change()
    assert victims.run(both.shop.folder, both.shop.environ) == 0
    while todo:
        step = todo.pop()
        both.change()
        after = None if step else both.dice.uniform(0.0, span)
        code = victims.run(both.shop.folder, both.shop.environ, step=step, kill_after=after)
        assert code == -9 or (step is None and code == 0), f"exit {code} instead of a death {step}"
        deaths += code == -9
        if code == 0:
            todo.append(step)
            span *= 0.95
        assert victims.run(both.shop.folder, both.shop.environ) == 0
        settled(both.shop, both)
    return deaths


def test_a_death_around_the_commit_loses_nothing(both: Customers) -> None:
    assert survive(both, list(INSIDE), 0.0) == len(INSIDE)


COPYING = [Step("roo_dbt.run.arriving", "copy", after) for after in (False, True)]
COMMITTING = [step for step in INSIDE if step.name in ("commit", "_close")]


def test_a_death_with_the_state_in_a_file_loses_nothing(
    tmp_path: Path, sandbox: Sandbox, postgres: Server
) -> None:
    database = PostgresDatabase(postgres, postgres.database())
    reader = StateInAFile(database, tmp_path / "state.duckdb")
    both = customers(tmp_path, sandbox, reader)
    steps: list[Step | None] = [*COPYING, *COMMITTING]
    assert survive(both, steps, 0.0) == len(steps)
    assert both.shop.file.parent.joinpath("state.duckdb").stat().st_mode & 0o777 == 0o600
    postgres.drop(database.database)
    reader.drop()


@pytest.mark.slow
def test_a_hundred_deaths_lose_nothing_and_lock_nobody_out(both: Customers, tell: Tell) -> None:
    steps: list[Step | None] = [*STEPS, *([None] * (100 - len(STEPS)))]
    both.dice.shuffle(steps)
    deaths = survive(both, steps, 0.8)
    assert deaths == len(steps)
    tell(
        f"Postgres: {deaths} deaths by kill -9; after one more run each nothing was lost, nothing was locked"
    )
