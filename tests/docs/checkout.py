"""The example project as somebody's repository: targets for CI and production, a base branch, the vendors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from roo_dbt.project.example import copy_example
from roo_dbt.sandbox.server import Sandbox

PROFILES = """\
shop:
  target: dev
  outputs:
    {ci: {type: duckdb, path: "%s", schema: ci}, prod: {type: duckdb, path: "%s", schema: analytics}}
"""


@dataclass(frozen=True)
class Checkout:
    """A repository whose root is the dbt project, as a runner checks it out.

    Attributes:
        folder: the root.
        temporary: the runner's own folder.
        sandbox: where both apps point.
    """

    folder: Path
    temporary: Path
    sandbox: Sandbox

    @property
    def environment(self) -> dict[str, str]:
        """What a runner sets, and the variables of the apps; nothing of this machine's dbt or GitHub."""
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DBT_", "GITHUB_", "GIT_"))
        }
        programs = os.pathsep.join([str(Path(sys.executable).parent), own["PATH"]])
        nowhere = "http://127.0.0.1:9"
        return {
            **own,
            "PATH": programs,
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "GITHUB_WORKSPACE": str(self.folder),
            "GITHUB_BASE_REF": "main",
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "RUNNER_TEMP": str(self.temporary),
            "BRAZE_REST_ENDPOINT": self.sandbox.url,
            "ITERABLE_BASE_URL": self.sandbox.url,
        }

    def git(self, *words: str) -> None:
        """Run git in the repository, as nobody in particular."""
        who = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            ["git", *who, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(self, script: str, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a step as GitHub does: bash, ending at the first command that fails."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environment, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )


def checkout(folder: Path, sandbox: Sandbox) -> Checkout:
    """Make the repository in `folder`, with the example project on its branch `main`."""
    project = copy_example(folder / "source")
    repository, temporary = folder / "repository", folder / "runner"
    shutil.move(project, repository)
    temporary.mkdir()
    # The example's dbt package is beside the project; the base branch is checked out elsewhere.
    for place in (folder, temporary):
        shutil.copytree(folder / "source" / "macros", place / "macros")
    database = json.dumps(str(folder / "shop.duckdb"))[1:-1]
    (repository / "profiles.yml").write_text(PROFILES % (database, database))
    settings = repository / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("targets: [dev]", "targets: [prod]"))
    made = Checkout(repository, temporary, sandbox)
    made.git("init", "--quiet")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "The shop")
    made.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return made
