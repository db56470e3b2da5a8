"""dbt's files → plain objects: project, profile, manifest, run results, selection. No dbt needed."""

from roo_dbt.project.graph import Graph, Node
from roo_dbt.project.loading import Project, load_project
from roo_dbt.project.locations import ProjectOptions
from roo_dbt.project.manifest import Manifest, read_manifest
from roo_dbt.project.previous_state import PreviousState, find_state
from roo_dbt.project.profile import Profile
from roo_dbt.project.run_results import RunResults, read_run_results
from roo_dbt.project.selection import Asked, Selection, select_nodes

__all__ = [
    "Asked",
    "Graph",
    "Manifest",
    "Node",
    "PreviousState",
    "Profile",
    "Project",
    "ProjectOptions",
    "RunResults",
    "Selection",
    "find_state",
    "load_project",
    "read_manifest",
    "read_run_results",
    "select_nodes",
]
