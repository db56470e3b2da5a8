"""Plugins as an installer leaves them: metadata of a distribution on the path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def published(site: Path, distribution: str, entry_points: str, version: str = "1.0") -> Iterator[None]:
    """A distribution in the folder `site` that publishes destinations, lines of `name = module:Class`."""
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata)
    (info / "entry_points.txt").write_text(f"[roo_dbt.destinations]\n{entry_points}\n")
    sys.path.insert(0, str(site))
    yield
    sys.path.remove(str(site))
