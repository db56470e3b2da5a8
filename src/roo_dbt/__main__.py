"""`python -m roo_dbt` is `roo-dbt`."""

from roo_dbt.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
