"""Keep what a decision answered on a case, and why: a row when the answer changes, none when it is the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.json import dumps, loads
from engine.store.sets import among
from engine.store.tables.record import cases, evaluations
from engine.store.writes import Insertion


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a decision of the rules `rules_id` answered on a case; `explained` is `DecisionResult.as_json`."""

    case_id: UUID
    rules_id: UUID
    decision: str
    explained: Mapping[str, Any]


def keep(
    connection: sa.Connection, made: Sequence[Evaluation], *, authority_id: UUID, at: datetime, ids: IdSource
) -> None:
    """Keep each evaluation unless the one before it, of its decision on its case, said the same.

    The same are answer, matched rows, warnings and version of the rules; inputs alone, as ages that grow every
    day, make no difference.
    """
    last = _last_digests(connection, made)
    rows: list[dict[str, Any]] = []
    for each in made:
        plain = loads(dumps(each.explained))
        digest = _digest(each.rules_id, plain)
        if last.get((each.case_id, each.decision)) == digest:
            continue
        last[each.case_id, each.decision] = digest
        rows.append(
            {
                "id": ids.new(),
                "authority_id": authority_id,
                "case_id": each.case_id,
                "definition_id": each.rules_id,
                "decision": each.decision,
                "at": at,
                "result": plain,
                "digest": digest,
            }
        )
    _INSERT.each(connection, rows)


_INSERT = Insertion(evaluations)


def _last_digests(connection: sa.Connection, made: Sequence[Evaluation]) -> dict[tuple[UUID, str], str]:
    """Return the digest kept last of each decision on each case."""
    found: dict[tuple[UUID, str], str] = {}
    for decision in dict.fromkeys(each.decision for each in made):
        asked = [each.case_id for each in made if each.decision == decision]
        rows = connection.execute(_LAST, {"ids": asked, "name": decision})
        found |= {(case_id, decision): digest for case_id, digest in rows}
    return found


_LAST = sa.select(
    cases.c.id,
    sa.select(evaluations.c.digest)
    .where(evaluations.c.case_id == cases.c.id, evaluations.c.decision == sa.bindparam("name"))
    .order_by(evaluations.c.at.desc(), evaluations.c.id.desc())
    .limit(1)
    .scalar_subquery(),
).where(among(cases.c.id))
"""Asked case by case, so that it costs the same when a decision was made a thousand times."""


def _digest(rules_id: UUID, plain: Mapping[str, Any]) -> str:
    rows = [[row["table"], row["row"]] for row in plain["matched"]]
    said = [rules_id.hex, plain["result"], rows, plain["warnings"], plain["missing"]]
    return hashlib.sha256(dumps(said)).hexdigest()
