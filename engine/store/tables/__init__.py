"""The schema, one module per noun; `METADATA` holds all of it.

Every scoped row carries `authority_id`: many authorities share one database.
"""

from engine.store.tables import keeping, people, record, running
from engine.store.tables.types import METADATA

__all__ = ["METADATA", "keeping", "people", "record", "running"]
