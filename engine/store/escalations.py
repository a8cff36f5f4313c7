"""Which cases are to be judged, their kept facts, and the reasons that hold now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import Reason
from engine.casework.facts import RecordedFacts
from engine.ids import IdSource
from engine.store.json import dumps, loads
from engine.store.tables.people import authorities
from engine.store.tables.record import case_facts, cases, escalations
from engine.store.tables.running import instances, user_tasks


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case to be judged, as it was read."""

    id: UUID
    authority_id: UUID
    authority_version: int
    version: int
    checked_version: int


_OPEN = (
    sa.select(
        cases.c.id, cases.c.authority_id, authorities.c.version.label("authority_version"), cases.c.version,
        cases.c.checked_version,
    )
    .join(authorities, authorities.c.id == cases.c.authority_id)
    .where(cases.c.closed_on.is_(None))
    .order_by(cases.c.id)
)  # fmt: skip


def unchecked(connection: sa.Connection, *, limit: int) -> list[OpenCase]:
    """Return open cases whose record moved since they were last judged."""
    rows = connection.execute(_OPEN.where(cases.c.checked_version != cases.c.version).limit(limit))
    return [OpenCase(*row) for row in rows]


def all_open(connection: sa.Connection, authority_id: UUID | None) -> list[OpenCase]:
    """Return every open case, of one authority when it is named."""
    query = _OPEN if authority_id is None else _OPEN.where(cases.c.authority_id == authority_id)
    return [OpenCase(*row) for row in connection.execute(query)]


def kept_facts(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, RecordedFacts]:
    """Return the facts kept for cases that have not changed since."""
    rows = connection.execute(
        sa.select(case_facts.c.case_id, case_facts.c.facts).where(
            case_facts.c.case_id.in_(case_ids), case_facts.c.valid_to.is_(None)
        )
    )
    return {row.case_id: RecordedFacts.from_json(row.facts) for row in rows}


def keep_facts(
    connection: sa.Connection,
    facts: Mapping[UUID, dict[str, Any]],
    *,
    authority_id: UUID,
    at: datetime,
    ids: IdSource,
) -> None:
    """Keep the facts of cases from `at` on; those kept before end there. Unchanged ones are left as they are."""
    if not facts:
        return
    before = connection.execute(
        sa.select(case_facts.c.case_id, case_facts.c.facts).where(
            case_facts.c.case_id.in_(list(facts)), case_facts.c.valid_to.is_(None)
        )
    )
    same = {row.case_id for row in before if row.facts == loads(dumps(facts[row.case_id]))}
    moved = {case_id: value for case_id, value in facts.items() if case_id not in same}
    if not moved:
        return
    connection.execute(
        sa.update(case_facts)
        .where(case_facts.c.case_id.in_(list(moved)), case_facts.c.valid_to.is_(None))
        .values(valid_to=at)
    )
    connection.execute(
        sa.insert(case_facts),
        [
            {"id": ids.new(), "authority_id": authority_id, "case_id": case_id, "facts": value, "valid_from": at}
            for case_id, value in moved.items()
        ],
    )


def mark_checked(connection: sa.Connection, judged: Sequence[OpenCase]) -> None:
    """Record that cases were judged at the version they were read at."""
    stale = [case for case in judged if case.checked_version != case.version]
    if stale:
        connection.execute(
            sa.update(cases)
            .where(cases.c.id == sa.bindparam("id_"))
            .values(checked_version=sa.bindparam("at_version")),
            [{"id_": case.id, "at_version": case.version} for case in stale],
        )


def mark_checked_now(connection: sa.Connection, case_id: UUID) -> None:
    """Record that a locked case has been judged as it is now."""
    connection.execute(_CHECKED_NOW, {"id_": case_id})


_CHECKED_NOW = sa.update(cases).where(cases.c.id == sa.bindparam("id_")).values(checked_version=cases.c.version)


def open_reasons(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Return, by case, the reasons that hold now, each with the sentence last kept."""
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for case_id, reason, sentence in connection.execute(_OPEN_REASONS, {"ids": list(case_ids)}):
        found[case_id][reason] = sentence
    return dict(found)


_OPEN_REASONS = sa.select(escalations.c.case_id, escalations.c.reason, escalations.c.sentence).where(
    escalations.c.case_id.in_(sa.bindparam("ids", expanding=True)), escalations.c.ended_on.is_(None)
)


def begin(connection: sa.Connection, id_: UUID, case_id: UUID, reason: Reason, *, authority_id: UUID, on: date) -> None:
    """Keep that a reason holds from `on`."""
    row = {
        "id": id_,
        "authority_id": authority_id,
        "case_id": case_id,
        "reason": reason.reason,
        "level": reason.level,
        "addressee": reason.addressee,
        "sentence": reason.sentence,
        "first_true_on": on,
        "last_true_on": on,
    }
    connection.execute(_BEGIN, row)


def renew(
    connection: sa.Connection, case_ids: Sequence[UUID], sentences: Sequence[tuple[UUID, str, str]], *, on: date
) -> None:
    """Keep that every open reason of these cases still holds on `on`.

    `sentences` are (case, reason, sentence of the day) where the sentence has changed.
    """
    if case_ids:
        connection.execute(_STILL_TRUE, {"ids": list(case_ids), "day_": on})
    if sentences:
        connection.execute(_SAY, [{"case": case, "why": reason, "said": said} for case, reason, said in sentences])


_BEGIN = sa.insert(escalations)
_STILL_TRUE = (
    sa.update(escalations)
    .where(escalations.c.case_id.in_(sa.bindparam("ids", expanding=True)), escalations.c.ended_on.is_(None))
    .values(last_true_on=sa.bindparam("day_"))
)
_SAY = (
    sa.update(escalations)
    .where(
        escalations.c.case_id == sa.bindparam("case"),
        escalations.c.reason == sa.bindparam("why"),
        escalations.c.ended_on.is_(None),
    )
    .values(sentence=sa.bindparam("said"))
)


def end(connection: sa.Connection, case_id: UUID, reason: str, *, on: date) -> None:
    """Keep that a reason no longer holds."""
    connection.execute(_END, {"case": case_id, "why": reason, "day_": on})


_END = (
    sa.update(escalations)
    .where(
        escalations.c.case_id == sa.bindparam("case"),
        escalations.c.reason == sa.bindparam("why"),
        escalations.c.ended_on.is_(None),
    )
    .values(ended_on=sa.bindparam("day_"))
)


def join(connection: sa.Connection, case_id: UUID, instance_id: UUID, reasons: Sequence[str]) -> None:
    """Tie open reasons to the instance that deals with them."""
    connection.execute(
        sa.update(escalations)
        .where(
            escalations.c.case_id == case_id, escalations.c.reason.in_(list(reasons)), escalations.c.ended_on.is_(None)
        )
        .values(instance_id=instance_id)
    )


def running(connection: sa.Connection, case_id: UUID, process_key: str) -> UUID | None:
    """Return the instance of a case that runs a process, by itself or called by its diagram, or None."""
    which = {"case": case_id, "key": process_key}
    own = connection.execute(_RUNNING, which).scalar()
    return own or connection.execute(_RUNNING_WITHIN, which).scalar()


_RUNNING = (
    sa.select(instances.c.id)
    .where(
        instances.c.case_id == sa.bindparam("case"),
        instances.c.process_key == sa.bindparam("key"),
        instances.c.status != "ended",
    )
    .limit(1)
)
_RUNNING_WITHIN = (
    sa.select(user_tasks.c.instance_id)
    .where(
        user_tasks.c.case_id == sa.bindparam("case"),
        user_tasks.c.process_key == sa.bindparam("key"),
        user_tasks.c.state == "open",
    )
    .limit(1)
)


def last_ended(connection: sa.Connection, case_id: UUID, process_key: str) -> datetime | None:
    """Return when the latest instance of a process on a case ended (aware UTC), or None."""
    return connection.execute(
        sa.select(sa.func.max(instances.c.ended_at)).where(
            instances.c.case_id == case_id, instances.c.process_key == process_key, instances.c.status == "ended"
        )
    ).scalar()


def ended_processes(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Return, by case, the processes that ended and do not run now, with when the latest ended (aware UTC)."""
    still = sa.func.sum(sa.case((instances.c.status == "ended", 0), else_=1))
    rows = connection.execute(
        sa.select(instances.c.case_id, instances.c.process_key, sa.func.max(instances.c.ended_at).label("at"))
        .where(instances.c.case_id.in_(case_ids))
        .group_by(instances.c.case_id, instances.c.process_key)
        .having(still == 0)
    )
    found: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for row in rows:
        found[row.case_id][row.process_key] = row.at
    return dict(found)
