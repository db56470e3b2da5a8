"""Declaration and snapshot become changes: found in the warehouse, frozen in a table, read in pages."""

from roo_dbt.diff.claims import mark_overwritten
from roo_dbt.diff.comparison import Comparison, Holder, only_records
from roo_dbt.diff.freeze import Frozen, freeze
from roo_dbt.diff.page import changed_fields, group_names, read_page
from roo_dbt.diff.reasons import reasons
from roo_dbt.diff.withheld import FailingRows, note_withheld, read_withheld, withheld_keys, withhold

__all__ = [
    "Comparison",
    "FailingRows",
    "Frozen",
    "Holder",
    "changed_fields",
    "freeze",
    "group_names",
    "mark_overwritten",
    "note_withheld",
    "only_records",
    "read_page",
    "read_withheld",
    "reasons",
    "withheld_keys",
    "withhold",
]
