"""Declaration and snapshot become changes: found in the warehouse, frozen in a table, read in pages."""

from roo_dbt.diff.comparison import Comparison, Holder
from roo_dbt.diff.freeze import Frozen, freeze
from roo_dbt.diff.page import changed_fields, group_names, read_page

__all__ = [
    "Comparison",
    "Frozen",
    "Holder",
    "changed_fields",
    "freeze",
    "group_names",
    "read_page",
]
