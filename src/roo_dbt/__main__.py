"""`python -m roo_dbt` is `roo-dbt`."""

from __future__ import annotations

import os
import sys


def run() -> int:
    """Start the command line; a Ctrl-C that comes before it listens ends it without a traceback."""
    try:
        from roo_dbt.cli import main

        return main()
    except KeyboardInterrupt:
        os.write(2, b"Error: interrupted. It is safe to run the command again.\n")
        return 3


if __name__ == "__main__":
    sys.exit(run())
