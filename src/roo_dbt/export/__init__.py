"""Changes → outcomes: batching, threads, pacing, retry. Knows the protocol and no vendor.

`open_lane` opens the way to one app; `export` sends the changes of one destination over it.
"""

from __future__ import annotations

from roo_dbt.export.clock import Clock
from roo_dbt.export.lane import Lane, open_lane
from roo_dbt.export.retry import RetryPolicy
from roo_dbt.export.shipment import Shipment, export

__all__ = ["Clock", "Lane", "RetryPolicy", "Shipment", "export", "open_lane"]
