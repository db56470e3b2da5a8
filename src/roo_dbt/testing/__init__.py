"""The test kit for destinations: inherit `DestinationContract`, say what a record looks like, run pytest.

Every case talks HTTP to a server on this machine, through the batching, pacing and retry of a real run;
only the waiting is skipped. `docs/destinations.md` is the guide. Needs pytest, which nothing else in
roo_dbt imports.
"""

import pytest

# Before the cases are imported, so that a failing assertion shows its values.
pytest.register_assert_rewrite("roo_dbt.testing.cases")

from roo_dbt.testing.bench import Bench, Shipped  # noqa: E402 - see above
from roo_dbt.testing.clock import StandingClock  # noqa: E402
from roo_dbt.testing.contract import DestinationContract  # noqa: E402
from roo_dbt.testing.declared import KnownError, Meaning  # noqa: E402
from roo_dbt.testing.recording import Recorder, Replay, recorded  # noqa: E402
from roo_dbt.testing.server import CUT, Forward, Received, RecordingServer, Reply, Vendor  # noqa: E402

__all__ = [
    "CUT",
    "Bench",
    "DestinationContract",
    "Forward",
    "KnownError",
    "Meaning",
    "Received",
    "Recorder",
    "RecordingServer",
    "Replay",
    "Reply",
    "Shipped",
    "StandingClock",
    "Vendor",
    "recorded",
]
