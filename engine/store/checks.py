"""Which cases are to be judged and when, under a lock while that is written, and the facts kept of them.

A case is to be judged when its record has moved since it was, or when `judge_on` has come: the local day from which,
left alone, it could be judged otherwise. What else a judgement rests on makes it due too: the authority's version
(rules, limits, calendar), and a clock that was set back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.casework.facts import RecordedFacts
from engine.ids import IdSource
from engine.store.json import dumps, loads
from engine.store.sets import among
from engine.store.tables.people import authorities
from engine.store.tables.record import case_facts, cases
from engine.store.writes import Change, Insertion

NEVER = -1
"""The `checked_version` of a case whose kept facts are not to be used."""


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
_MOVED = _OPEN.where(cases.c.checked_version != cases.c.version)
_UNCHECKED = _MOVED.limit(sa.bindparam("most"))
_ANY_MOVED = sa.select(cases.c.id).where(cases.c.closed_on.is_(None), cases.c.checked_version != cases.c.version)
# In the order of the index of those few: asked whether any exists, PostgreSQL expects nearly all, and reads the table.
# The limit is written out: of one that it does not know it expects a tenth of all cases, and of many it then plans this
# anew at each request, which takes longer than all the rest.
SOMETHING_MOVED = _ANY_MOVED.order_by(cases.c.id).limit(sa.literal_column("1")).scalar_subquery().is_not(None)
"""Whether there is an open case whose record moved since it was last judged: a column for a query of something else."""
_NAMED = _MOVED.where(among(cases.c.id))
_DUE = _OPEN.where(
    cases.c.authority_id == sa.bindparam("authority"),
    sa.or_(
        cases.c.judge_on.is_(None),
        cases.c.judge_on <= sa.bindparam("today"),
        cases.c.judged_on > sa.bindparam("today"),
        cases.c.judged_with != authorities.c.version,
        cases.c.checked_version != cases.c.version,
    ),
)

_ZONES = sa.select(authorities.c.id, authorities.c.zone).order_by(authorities.c.id)


def unchecked(connection: sa.Connection, *, limit: int) -> list[OpenCase]:
    """Return up to `limit` open cases whose record moved since they were last judged."""
    return [OpenCase(*row) for row in connection.execute(_UNCHECKED, {"most": limit})]


def unchecked_among(connection: sa.Connection, case_ids: Sequence[UUID]) -> list[OpenCase]:
    """Return, of these cases, the open ones whose record moved since they were last judged."""
    return [OpenCase(*row) for row in connection.execute(_NAMED, {"ids": list(case_ids)})]


def due(connection: sa.Connection, authority_id: UUID | None, *, now: datetime) -> list[OpenCase]:
    """Return the open cases, of one authority when it is named, that may be judged otherwise by today's rules."""
    zones = connection.execute(_ZONES).all()
    found: list[OpenCase] = []
    for row in (row for row in zones if authority_id in (None, row.id)):
        today = now.astimezone(ZoneInfo(row.zone)).date()
        found += [OpenCase(*case) for case in connection.execute(_DUE, {"authority": row.id, "today": today})]
    return found


def hold(connection: sa.Connection, judged: Sequence[OpenCase]) -> set[UUID]:
    """Lock these cases until the act ends; return the ids of those that have not moved since they were read.

    Locked in one order everywhere, so that two that judge the same cases wait for each other and never for ever.
    """
    if not judged:
        return set()
    now = dict(connection.execute(_HOLD, {"ids": [case.id for case in judged]}).all())
    return {case.id for case in judged if now.get(case.id) == case.version}


_HOLD = sa.select(cases.c.id, cases.c.version).where(among(cases.c.id)).order_by(cases.c.id).with_for_update()


@dataclass(frozen=True, slots=True)
class Mark:
    """That a case was judged at a version, with an authority's version; `judge_on` is when it is to be again."""

    case_id: UUID
    version: int
    judge_on: date
    authority_version: int


def mark(connection: sa.Connection, marks: Sequence[Mark], *, today: date) -> None:
    """Record that cases were judged as they are on `today`.

    A case that has moved since is left as it is: it is to be judged anyway.
    """
    if not marks:
        return
    if connection.dialect.name == "postgresql":
        columns = zip(*((m.case_id, m.version, m.judge_on, m.authority_version) for m in marks), strict=True)
        named = zip(_MARKED.c.keys(), columns, strict=True)
        connection.execute(_MARK_ALL, {"today_": today} | {name: list(values) for name, values in named})
        return
    _MARK.each(
        connection,
        [
            {"id_": m.case_id, "was": m.version, "day_": m.judge_on, "with_": m.authority_version, "today_": today}
            for m in marks
        ],
    )


_MARK = Change(
    sa.update(cases)
    .where(cases.c.id == sa.bindparam("id_"), cases.c.version == sa.bindparam("was"))
    .values(
        checked_version=sa.bindparam("was"),
        judged_on=sa.bindparam("today_"),
        judge_on=sa.bindparam("day_"),
        judged_with=sa.bindparam("with_"),
    )
)
_MARKED = sa.func.unnest(
    *(
        sa.bindparam(name, type_=ARRAY(type_))
        for name, type_ in (("id_", sa.Uuid()), ("was", sa.Integer()), ("day_", sa.Date()), ("with_", sa.Integer()))
    )
).table_valued("id_", "was", "day_", "with_", name="marked").render_derived()
_MARK_ALL = (
    sa.update(cases)
    .where(cases.c.id == _MARKED.c.id_, cases.c.version == _MARKED.c.was)
    .values(
        checked_version=_MARKED.c.was,
        judged_on=sa.bindparam("today_"),
        judge_on=_MARKED.c.day_,
        judged_with=_MARKED.c.with_,
    )
)


def give_up(connection: sa.Connection, case: OpenCase) -> None:
    """Record that a case could not be judged at this version: it waits for the next night, or the next act on it."""
    connection.execute(_GIVE_UP, {"id_": case.id, "was": case.version})


_GIVE_UP = (
    sa.update(cases).where(cases.c.id == sa.bindparam("id_")).values(checked_version=sa.bindparam("was"), judge_on=None)
)


def kept_facts(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, RecordedFacts]:
    """Return the facts kept for cases that have not changed since."""
    if not case_ids:
        return {}
    rows = connection.execute(_KEPT, {"ids": list(case_ids)})
    return {case_id: RecordedFacts.from_json(facts) for case_id, facts in rows}


_KEPT = sa.select(case_facts.c.case_id, case_facts.c.facts).where(
    among(case_facts.c.case_id), case_facts.c.valid_to.is_(None)
)


def keep_facts(
    connection: sa.Connection,
    facts: Mapping[UUID, RecordedFacts],
    *,
    authority_id: UUID,
    at: datetime,
    ids: IdSource,
) -> None:
    """Keep the facts of locked cases from `at` on; those kept before end there. Unchanged ones are left as they are."""
    if not facts:
        return
    before = dict(connection.execute(_KEPT, {"ids": list(facts)}).all())
    plain = {case_id: loads(dumps(value.as_json())) for case_id, value in facts.items()}
    moved = {case_id: value for case_id, value in plain.items() if before.get(case_id) != value}
    if not moved:
        return
    connection.execute(_END_FACTS, {"ids": list(moved), "at_": at})
    _INSERT_FACTS.each(
        connection,
        [
            {"id": ids.new(), "authority_id": authority_id, "case_id": case_id, "facts": value, "valid_from": at}
            for case_id, value in moved.items()
        ],
    )


_END_FACTS = (
    sa.update(case_facts)
    .where(among(case_facts.c.case_id), case_facts.c.valid_to.is_(None))
    .values(valid_to=sa.bindparam("at_", type_=case_facts.c.valid_to.type))
)
_INSERT_FACTS = Insertion(case_facts)
