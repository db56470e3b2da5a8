"""What a run did or would do, for people, for files and for programs."""

from roo_dbt.report.documents import plan_document, results_document
from roo_dbt.report.files import PLAN_FILE, RESULTS_FILE, write_plan, write_results

__all__ = [
    "PLAN_FILE",
    "RESULTS_FILE",
    "plan_document",
    "results_document",
    "write_plan",
    "write_results",
]
