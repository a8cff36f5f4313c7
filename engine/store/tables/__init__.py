"""The schema, one module per noun; `METADATA` holds all of it.

Every scoped row carries `authority_id`: many authorities share one database, and what belongs to whom is told
without following the record. Rows of `PARTS` are the inside of one row of another table, never read without it;
those of `OF_THE_MACHINE` belong to the installation.
"""

from typing import Final

from engine.store.tables import (
    access,
    batches,
    between_meetings,
    boards,
    changes,
    files,
    guidance,
    keeping,
    modelling,
    oversight,
    people,
    record,
    rehearsals,
    running,
    worklists,
)
from engine.store.tables.types import METADATA

__all__ = [
    "METADATA", "OF_THE_MACHINE", "PARTS", "access", "batches", "between_meetings", "boards", "changes", "files",
    "guidance", "keeping", "modelling", "oversight", "people", "record", "rehearsals", "running", "worklists",
]  # fmt: skip

PARTS: Final = {
    "sessions": "accounts",
    "second_factors": "accounts",
    "recovery_codes": "accounts",
    "outside_identities": "accounts",
    "history_payloads": "history",
    "attachment_chunks": "attachments",
    "guide_file_chunks": "guide_files",
    "proposal_files": "proposals",
    "case_instances": "instances",
    "rehearsal_files": "rehearsals",
    # The busiest table; the poller takes what is due of all authorities at once.
    "timers": "instances",
}
"""A table without `authority_id` and the table whose row its rows are parts of."""

OF_THE_MACHINE: Final = frozenset(
    {"authorities", "heartbeats", "history_anchors", "history_anchor_heads", "sign_in_failures", "timer_leases"}
)
"""Tables of the installation: authorities themselves, the anchors over all chains, failures under unknown names, which
timers its poller is firing."""
