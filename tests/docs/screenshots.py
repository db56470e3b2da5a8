"""Makes the pictures of docs/: the example project's pages as a browser shows them.

`python -m tests.docs.screenshots`, with Chromium installed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.docs.checkout import Checkout, checkout
from tests.docs.pages import DOCS

import roo_dbt.report
from roo_dbt.sandbox.server import Sandbox

KEYS = {"BRAZE_API_KEY": "any", "ITERABLE_API_KEY": "any", "DBT_TARGET": "prod"}
CHANGES = {
    "customers.yml": (
        ("shop.orders: orders_count", "shop.order_count: orders_count\n                town: city"),
        ("phone: phone\n", "phone: {column: phone, nulls: ignore}\n"),
        ('where: "not is_test_account"', 'where: "not is_test_account and country_code is not null"'),
    ),
    "subscribers.yml": (("sync_mode: sync", "sync_mode: additive"),),
}
WIDTH = 1180
HEIGHTS = {"plan": 1500, "sync": 1130}
MADE_FROM = DOCS / "images" / "made-from.sha256"
DRAWN_BY = Path(roo_dbt.report.__file__).parent
"""The package that draws the pages: its templates, and the geometry of the charts."""


def main() -> None:
    """Build, sync, change rows and declarations, plan, sync, and look at both pages."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(latency=0.12) as sandbox:
        repository = checkout(Path(folder), sandbox)
        act(repository, "dbt deps && dbt build && roo-dbt sync && dbt parse --target-path production")
        for name, changes in CHANGES.items():
            file = repository.folder / "models" / name
            for old, new in changes:
                file.write_text(file.read_text().replace(old, new))
        act(repository, "dbt build --vars 'day: 2'")
        act(repository, "roo-dbt plan --state production --yes-delete braze_customers --report plan.html")
        sandbox.fault("item", "/users/track", ids=["85", "40", "21"], message="The user is not wanted here.")
        act(
            repository,
            "roo-dbt sync --yes-delete braze_customers --threads 1 --report sync.html || [ $? -eq 1 ]",
        )
        for name, height in HEIGHTS.items():
            picture(repository.folder / f"{name}.html", DOCS / "images" / f"{name}.png", height)
    MADE_FROM.write_text(f"{fingerprint()}\n")


def fingerprint() -> str:
    """One sum over all that decides how the pages look, not how they print."""
    files = [*sorted((DRAWN_BY / "templates").iterdir()), DRAWN_BY / "charts.py"]
    seen = "".join(file.read_text(encoding="utf-8").partition("@media print")[0] for file in files)
    return hashlib.sha256(seen.encode()).hexdigest()


def act(repository: Checkout, script: str) -> None:
    """Run commands in the repository; what they say when they fail."""
    done = repository.run(script, KEYS)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def picture(page: Path, png: Path, height: int) -> None:
    """What a browser shows of a page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("This needs Chromium.")
    png.parent.mkdir(exist_ok=True)
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={WIDTH},{height}",
            f"--screenshot={png}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    main()
