"""A local Braze and Iterable on one loopback port, with their rules, limits and failures.

`Sandbox` runs in a thread of this process, `SandboxProcess` in one of its own, `serve` until it is
interrupted. The rules are written from the vendors' public documentation and share no code with the
destinations, so that a misreading on one side shows.
"""

from roo_dbt.sandbox.faults import KINDS, Fault
from roo_dbt.sandbox.log import Entry
from roo_dbt.sandbox.process import SandboxProcess
from roo_dbt.sandbox.server import Sandbox, serve
from roo_dbt.sandbox.settings import FORBIDDEN_KEY, WRONG_KEY, Settings

__all__ = [
    "FORBIDDEN_KEY",
    "KINDS",
    "WRONG_KEY",
    "Entry",
    "Fault",
    "Sandbox",
    "SandboxProcess",
    "Settings",
    "serve",
]
