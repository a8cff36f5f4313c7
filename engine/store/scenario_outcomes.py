"""Read and write how scenarios went on texts that they were tried on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.modelling import scenario_outcomes

KEPT_FOR: Final = timedelta(days=60)
"""How long an outcome is kept: who asks again after that tries again."""


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """How a scenario went: `problems` in sentences, none when it is kept; `flows` taken, by diagram."""

    problems: tuple[str, ...]
    flows: Mapping[str, Sequence[str]]


def of(connection: sa.Connection, authority_id: UUID, digests: Collection[str]) -> dict[str, KeptOutcome]:
    """Return the outcomes that are kept, by digest."""
    own = (scenario_outcomes.c.authority_id == authority_id) & scenario_outcomes.c.digest.in_(digests)
    rows = connection.execute(sa.select(scenario_outcomes).where(own))
    return {row.digest: KeptOutcome(tuple(row.problems), row.flows) for row in rows}


def keep(
    connection: sa.Connection, id_: UUID, authority_id: UUID, digest: str, outcome: KeptOutcome, *, at: datetime
) -> None:
    """Keep an outcome, the newest of its digest alone; what is old goes."""
    table = scenario_outcomes
    old = (table.c.authority_id == authority_id) & ((table.c.digest == digest) | (table.c.at < at - KEPT_FOR))
    connection.execute(sa.delete(table).where(old))
    flows = {key: list(taken) for key, taken in outcome.flows.items()}
    values = {"id": id_, "digest": digest, "problems": list(outcome.problems), "flows": flows, "at": at}
    connection.execute(sa.insert(table).values(authority_id=authority_id, **values))
