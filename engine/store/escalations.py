"""The reasons that hold on cases, since when, and the processes that deal with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.escalation import Reason
from engine.casework.severity import GOES_ON_FROM, REVIEW_LATE
from engine.ids import IdSource
from engine.store.sets import among
from engine.store.tables.record import escalations, reviews
from engine.store.tables.running import instances, user_tasks
from engine.store.writes import Change, Insertion

_ONE = sa.update(escalations).where(
    escalations.c.case_id == sa.bindparam("case"),
    escalations.c.reason == sa.bindparam("why"),
    escalations.c.ended_on.is_(None),
)
"""A change to one reason (`why`) that holds on a case (`case`)."""


@dataclass(frozen=True, slots=True)
class OpenReasons:
    """The reasons that hold on a case, each with the sentence last kept; `waiting` are those that nobody was told."""

    sentences: Mapping[str, str] = field(default_factory=dict)
    waiting: Set[str] = frozenset()


def open_reasons(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, OpenReasons]:
    """Return, by case, the reasons that hold now; nobody is told of those that begin while the case is paused."""
    rows: dict[UUID, list[Any]] = defaultdict(list)
    for row in connection.execute(_OPEN_REASONS, {"ids": list(case_ids)}):
        rows[row.case_id].append(row)
    return {
        case_id: OpenReasons({row.reason: row.sentence for row in own}, {row.reason for row in own if row.waiting})
        for case_id, own in rows.items()
    }


_OPEN_REASONS = sa.select(
    escalations.c.case_id, escalations.c.reason, escalations.c.sentence, escalations.c.waiting
).where(among(escalations.c.case_id), escalations.c.ended_on.is_(None))


def wake(connection: sa.Connection, case_id: UUID, reasons: Sequence[str]) -> None:
    """Keep that reasons wait no longer."""
    _WAKE.each(connection, [{"case": case_id, "why": reason} for reason in reasons])


_WAKE = Change(_ONE.values(waiting=False))


def begin(connection: sa.Connection, id_: UUID, case_id: UUID, reason: Reason, *, authority_id: UUID, on: date) -> None:
    """Keep that a reason holds from `on`; late since then, or since it or the lesser one began that ended that day.

    What says that a review is overdue is late since the day first promised for it.
    """
    # What a corrected date has ended and begun again on one day has gone on.
    same = [reason.reason, GOES_ON_FROM.get(reason.reason, reason.reason)]
    since_on = _began(connection, case_id, same, ended_on=on)
    if reason.reason in REVIEW_LATE and since_on is None:
        since_on = connection.execute(_PROMISED, {"case": case_id}).scalar()
    row = {
        "id": id_,
        "authority_id": authority_id,
        "case_id": case_id,
        "reason": reason.reason,
        "level": reason.level,
        "addressee": reason.addressee,
        "sentence": reason.sentence,
        "waiting": reason.waits,
        "first_true_on": on,
        "since_on": since_on,
    }
    _BEGIN.each(connection, [row])


def say(connection: sa.Connection, sentences: Sequence[tuple[UUID, str, str]]) -> None:
    """Keep what is said today of reasons that go on: (case, reason, sentence) where the sentence has changed."""
    if sentences:
        _SAY.each(connection, [{"case": case, "why": reason, "said": said} for case, reason, said in sentences])


def _began(connection: sa.Connection, case_id: UUID, reasons: Sequence[str], *, ended_on: date) -> date | None:
    return connection.execute(_BEGAN, {"case": case_id, "why": reasons, "day_": ended_on}).scalar()


LATE_SINCE: Final = sa.func.coalesce(escalations.c.since_on, escalations.c.first_true_on)
"""The local day since which what a reason says is late."""
_BEGAN = sa.select(sa.func.min(LATE_SINCE)).where(
    escalations.c.case_id == sa.bindparam("case", type_=sa.Uuid),
    escalations.c.reason.in_(sa.bindparam("why", expanding=True)),
    escalations.c.ended_on == sa.bindparam("day_", type_=sa.Date),
)
_PROMISED = sa.select(sa.func.min(reviews.c.first_due_on)).where(
    reviews.c.case_id == sa.bindparam("case", type_=sa.Uuid), reviews.c.held_on.is_(None)
)
_BEGIN = Insertion(escalations)
_SAY = Change(_ONE.values(sentence=sa.bindparam("said")))


def end(connection: sa.Connection, case_id: UUID, reason: str, *, on: date) -> None:
    """Keep that a reason no longer holds."""
    _END.each(connection, [{"case": case_id, "why": reason, "day_": on}])


_END = Change(_ONE.values(ended_on=sa.bindparam("day_")))


def join(
    connection: sa.Connection, case_id: UUID, instance_id: UUID, reasons: Sequence[str], *, process_key: str
) -> None:
    """Tie open reasons to the instance that deals with them, by its own process or one that its diagram calls."""
    which = {"case": case_id, "instance": instance_id, "process": process_key}
    _JOIN.each(connection, [{**which, "why": reason} for reason in reasons])


_JOIN = Change(_ONE.values(instance_id=sa.bindparam("instance"), process_key=sa.bindparam("process")))


def carry(
    connection: sa.Connection, closing_id: UUID, staying_id: UUID, *, process_key: str, ids: IdSource
) -> list[str]:
    """Let what holds on a case that closes hold, since when it did, on the one that goes on; return the reasons.

    Only what nothing or the process named deals with; a reason that holds on both does since the earlier day.
    """
    own = {row.reason: row for row in connection.execute(_HOLDS, {"case": staying_id})}
    theirs = connection.execute(_HOLDS, {"case": closing_id}).all()
    rows = [row for row in theirs if row.process_key in (None, process_key)]
    for row in rows:
        mine = own.get(row.reason)
        if mine is None:
            kept = {name: row._mapping[name] for name in _CARRIED}
            connection.execute(sa.insert(escalations).values(**kept, id=ids.new(), case_id=staying_id))
        elif row.late_since < mine.late_since:
            earlier = sa.update(escalations).where(escalations.c.id == mine.id)
            connection.execute(earlier.values(since_on=row.late_since))
    return sorted(row.reason for row in rows)


_HOLDS = sa.select(escalations, LATE_SINCE.label("late_since")).where(
    escalations.c.case_id == sa.bindparam("case", type_=sa.Uuid), escalations.c.ended_on.is_(None)
)
_CARRIED = ("authority_id", "reason", "level", "addressee", "sentence", "waiting", "first_true_on", "since_on")


def dealt_with(connection: sa.Connection, case_id: UUID) -> set[str]:
    """Return the reasons that hold on a case and that an instance deals with, or did."""
    return set(connection.execute(_DEALT_WITH, {"case": case_id}).scalars())


_DEALT_WITH = sa.select(escalations.c.reason).where(
    escalations.c.case_id == sa.bindparam("case"),
    escalations.c.ended_on.is_(None),
    escalations.c.instance_id.is_not(None),
)


def running(connection: sa.Connection, case_id: UUID, process_key: str) -> UUID | None:
    """Return the instance of a case that runs a process, by itself or called by its diagram, or None."""
    which = {"case": case_id, "key": process_key}
    own = connection.execute(_RUNNING, which).scalar()
    return own or connection.execute(_RUNNING_WITHIN, which).scalar()


def all_running(connection: sa.Connection, case_id: UUID) -> frozenset[str]:
    """Return the keys of every process for which `running` gives an instance of a case."""
    return frozenset(connection.execute(_ALL_RUNNING, {"case": case_id}).scalars())


_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_ALL_RUNNING = sa.union_all(
    sa.select(instances.c.process_key).where(instances.c.case_id == _CASE, instances.c.status != "ended"),
    sa.select(user_tasks.c.process_key).where(user_tasks.c.case_id == _CASE, user_tasks.c.state == "open"),
)
BY_CASE: Final[tuple[sa.CompoundSelect[Any], ...]] = (_ALL_RUNNING,)
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


def last_ended(connection: sa.Connection, case_id: UUID, process_key: str) -> UUID | None:
    """Return the instance of a process that ended last on a case, or None while one runs or none ever did."""
    rows = connection.execute(_LAST_ENDED, {"case": case_id, "key": process_key}).first()
    return None if rows is None or rows.status != "ended" else rows.id


_LAST_ENDED = (
    sa.select(instances.c.id, instances.c.status)
    .where(instances.c.case_id == sa.bindparam("case"), instances.c.process_key == sa.bindparam("key"))
    .order_by(sa.case((instances.c.status == "ended", 1), else_=0), instances.c.ended_at.desc(), instances.c.id)
    .limit(1)
)


def ended_processes(connection: sa.Connection, case_ids: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Return, by case, the processes that ended and do not run now, with when the latest ended (aware UTC)."""
    rows = connection.execute(_ENDED, {"ids": list(case_ids)})
    found: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for row in rows:
        found[row.case_id][row.process_key] = row.at
    return dict(found)


_ENDED = (
    sa.select(instances.c.case_id, instances.c.process_key, sa.func.max(instances.c.ended_at).label("at"))
    .where(among(instances.c.case_id))
    .group_by(instances.c.case_id, instances.c.process_key)
    .having(sa.func.sum(sa.case((instances.c.status == "ended", 0), else_=1)) == 0)
)
