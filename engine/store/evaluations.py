"""Keep what a decision answered on a case, and why: a row when the answer changes, none when it is the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.json import dumps, loads
from engine.store.tables.record import evaluations
from engine.store.writes import Insertion


def keep(
    connection: sa.Connection,
    *,
    authority_id: UUID,
    case_id: UUID,
    rules_id: UUID,
    decision: str,
    explained: Mapping[str, Any],
    at: datetime,
    ids: IdSource,
) -> bool:
    """Keep an evaluation (`DecisionResult.as_json`) unless the last of its decision on the case said the same.

    The same are answer, matched rows, warnings and version of the rules; inputs alone, as ages that grow every
    day, make no difference. Returns whether it was kept.
    """
    plain = loads(dumps(explained))
    digest = _digest(rules_id, plain)
    last = connection.execute(_LAST, {"case": case_id, "name": decision}).scalar()
    if last == digest:
        return False
    row = {
        "id": ids.new(),
        "authority_id": authority_id,
        "case_id": case_id,
        "definition_id": rules_id,
        "decision": decision,
        "at": at,
        "result": plain,
        "digest": digest,
    }
    _INSERT.each(connection, [row])
    return True


_INSERT = Insertion(evaluations)
_LAST = (
    sa.select(evaluations.c.digest)
    .where(evaluations.c.case_id == sa.bindparam("case", type_=sa.Uuid), evaluations.c.decision == sa.bindparam("name"))
    .order_by(evaluations.c.at.desc(), evaluations.c.id.desc())
    .limit(1)
)


def _digest(rules_id: UUID, plain: Mapping[str, Any]) -> str:
    rows = [[row["table"], row["row"]] for row in plain["matched"]]
    said = [rules_id.hex, plain["result"], rows, plain["warnings"], plain["missing"]]
    return hashlib.sha256(dumps(said)).hexdigest()
