"""The story that `roo-dbt demo` tells, and the checks that it is true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from roo_dbt.cli.shell import Shell, ShellFailed
from roo_dbt.report.wording import counted

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output
    from roo_dbt.sandbox import Sandbox

NIGHT = ("--vars", "day: 2")
SHOWN_CALLS = {"/users/track": "attributes", "/api/users/bulkUpdate": "users"}
SHOWN_OBJECTS = 2
PLANNED = ("create", "update", "delete", "skip")
DONE = ("created", "updated", "deleted", "skipped", "failed", "unknown")


@dataclass
class Demonstration:
    """The example project, two vendors, and what was said about them.

    Attributes:
        output: where the story is told.
        sandbox: the vendors, listening.
        project: a copy of the example project, for dbt to work in.
    """

    output: Output
    sandbox: Sandbox
    project: Path
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare a shell in the project."""
        self.shell = Shell(self.output, self.project, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the project's apps are read from."""
        return {
            "BRAZE_REST_ENDPOINT": self.sandbox.url,
            "BRAZE_API_KEY": "demo-braze-key",
            "ITERABLE_BASE_URL": self.sandbox.url,
            "ITERABLE_API_KEY": "demo-iterable-key",
        }

    def play(self) -> bool:
        """Tell the whole story; False when something in it did not come true."""
        url = self.sandbox.url
        self._say(f"A small shop on DuckDB; a Braze and an Iterable on this machine, {url}", style="bold")
        try:
            self._first_day()
            self._quiet_day()
            self._night()
        except ShellFailed as failed:
            self._verdict(False, str(failed))
        self._end()
        return not self.wrong

    def invite(self) -> None:
        """Say how to go on while the vendors are up."""
        exports = " ".join(f"{name}={value}" for name, value in self.environment.items())
        self._say(f"The vendors stay up: {self.sandbox.url} shows what they hold. In another terminal:")
        self._say(f"  cd {self.project}\n  export {exports}\nCtrl-C ends them.")

    def _first_day(self) -> None:
        self._chapter("Day one: dbt builds the models.")
        self.shell.dbt("deps")
        self.shell.dbt("build")
        self._chapter("Everything is new to the vendors, so everything is sent.")
        self.shell.roo("sync")
        self._same_as_models()

    def _quiet_day(self) -> None:
        self._chapter("Nothing has changed since, so nothing is sent.")
        before = self._requests()
        self.shell.roo("sync")
        sent = self._requests() - before
        self._verdict(sent == 0, f"The vendors got {counted(sent, 'request')}.")

    def _night(self) -> None:
        self._chapter("One night later: new customers, closed accounts, a move, a few orders.")
        self.shell.dbt("build", *NIGHT)
        self.shell.roo("plan")
        before, latest = self._requests(), self.sandbox.requests[-1].number
        self._chapter("Only what the night changed is sent.")
        self.shell.roo("sync")
        self._travelled(latest)
        self._as_planned(self._requests() - before)
        self._same_as_models()

    def _same_as_models(self) -> None:
        customers, subscribers = self._models()
        braze = {
            name: (user.get("email"), user.get("first_name"), user.get("last_name"), user.get("home_city"))
            for name, user in self.sandbox.braze_users.items()
        }
        iterable = {
            name: (user.get("firstName"), user.get("plan"))
            for name, user in self.sandbox.iterable_users.items()
        }
        same = braze == customers and iterable == subscribers
        theirs = f"Braze holds {counted(len(braze), 'user')}, Iterable {len(iterable):,}"
        ours = f"the models have {len(customers):,} and {len(subscribers):,}"
        self._verdict(same, f"{theirs}; {ours}{', the same ones' if same else ''}.")

    def _models(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        import duckdb

        with duckdb.connect(str(self.project / "shop.duckdb"), read_only=True) as warehouse:
            customers = warehouse.sql(
                "select customer_id::varchar, email, first_name, last_name, city from customers"
                " where not is_test_account"
            ).fetchall()
            subscribers = warehouse.sql("select email, first_name, plan from subscribers").fetchall()
        return {row[0]: tuple(row[1:]) for row in customers}, {row[0]: tuple(row[1:]) for row in subscribers}

    def _as_planned(self, sent: int) -> None:
        plan, results = self._document("roo_plan.json"), self._document("roo_results.json")
        promised = {entry["destination"]: _total(entry, PLANNED) for entry in plan}
        done = {entry["destination"]: _total(entry, DONE) for entry in results}
        announced = sum(entry["requests"] for entry in plan)
        same = promised == done and announced == sent
        self._verdict(
            same,
            f"Planned: {counted(sum(promised.values()), 'change')} in {counted(announced, 'request')}. "
            f"Sent: {counted(sum(done.values()), 'change')} in {counted(sent, 'request')}.",
        )

    def _document(self, name: str) -> list[dict[str, Any]]:
        text = (self.project / "target" / name).read_text(encoding="utf-8")
        entries: list[dict[str, Any]] = json.loads(text)["results"]
        return entries

    def _travelled(self, since: int) -> None:
        self._say("\nWhat travelled, for example:", style="bold")
        for entry in self.sandbox.requests:
            objects = SHOWN_CALLS.get(entry.path)
            if entry.number <= since or objects is None:
                continue
            items = sorted(entry.body[objects], key=lambda item: len(json.dumps(item)))
            self._say(f"  {entry.method} {entry.path}", style="dim")
            for item in items[:SHOWN_OBJECTS]:
                self._say(f"    {json.dumps(item, ensure_ascii=False)}")
            if len(items) > SHOWN_OBJECTS:
                self._say(f"    … and {len(items) - SHOWN_OBJECTS:,} more in the same request", style="dim")

    def _requests(self) -> int:
        """How many requests the vendors got that carry something."""
        # Questions, such as which fields a project has, are no part of what is sent.
        return sum(entry.method != "GET" for entry in self.sandbox.requests)

    def _end(self) -> None:
        if self.wrong:
            self._say(
                f"\nThis demo did not go well: {counted(len(self.wrong), 'problem')}, see above.", style="red"
            )
            return
        self._say("\nThat is all there is to it. To go on:", style="bold")
        self._say("  roo-dbt demo --directory shop --keep   the same, to play with")
        self._say("  roo-dbt sync --help                    what a sync can be told")
        self._say("  roo-dbt validate                       in your own dbt project")

    def _chapter(self, sentence: str) -> None:
        self._say(f"\n{sentence}", style="bold")

    def _verdict(self, well: bool, sentence: str) -> None:
        if not well:
            self.wrong.append(sentence)
        mark = ("✓ ", "green") if well else ("✗ ", "red")
        self.output.lines([Text.assemble(mark, sentence)])

    def _say(self, sentence: str, *, style: str = "") -> None:
        self.output.lines([Text(sentence, style=style)])


def _total(entry: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return sum(int(entry["counts"][name]) for name in names)
