"""One message in the morning of a working day to each who has work that presses: how much of it, and no more.

It holds counts and the way to the service: nobody's name, no child's, nothing of what the work is. Who is away, has
left, or wants none, gets none; nor does who has nothing that is late or due within a working week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.lateness import days_late
from engine.casework.permissions import Actor, Relation, may_see_case, may_see_task
from engine.casework.profiles import digest_hour
from engine.process_engine import ProcessEngine
from engine.store import actors, outbox, relations
from engine.store.authorities import Authority
from engine.store.consent_cover import may_be_kept_from
from engine.store.late_tasks import protecting
from engine.store.outbox import Letter
from engine.store.sets import among
from engine.store.tables.people import absences, accounts, authorities, practitioners
from engine.store.tables.record import cases, plan_actions
from engine.store.tables.running import user_tasks

WITHIN: Final = 5
"""Working days ahead that the message counts: one working week, as a list's "due soon" does."""


@dataclass(slots=True)
class Load:
    """How much of somebody's work is late, due today, or due within a working week."""

    late: int = 0
    today: int = 0
    soon: int = 0

    def add(self, due_on: date, number: int, *, today: date, calendar: WorkingCalendar, protecting: bool) -> None:
        """Count work that is due on a day, and may protect a child."""
        if days_late(due_on, today=today, calendar=calendar, protecting=protecting):
            self.late += number
        elif due_on <= today:
            self.today += number
        else:
            self.soon += number


def due(engine: ProcessEngine) -> list[UUID]:
    """Return the authorities whose message of today has not been queued and whose hour for it has come."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        rows = connection.execute(_AUTHORITIES).all()
        late = [row for row in rows if row.digested_on is None or row.digested_on < _day(now, row.zone)]
        found = []
        for row in late:
            authority = engine.library.authority(connection, row.id, row.version)
            hour = digest_hour(authority.profile)
            if hour is not None and now.astimezone(authority.zone).hour >= hour:
                found.append(row.id)
    return found


_AUTHORITIES = sa.select(authorities.c.id, authorities.c.zone, authorities.c.version, authorities.c.digested_on)


def queue(engine: ProcessEngine, *, authority_id: UUID) -> int:
    """Queue the messages of today, all in one act, and return how many; none on a day that is no working day.

    A day's messages are queued once, whatever stops the service on the way: each has its key, and the day is kept with
    them.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        row = connection.execute(
            sa.select(authorities.c.version, authorities.c.zone, authorities.c.digested_on)
            .where(authorities.c.id == authority_id)
            .with_for_update()
        ).one()
        today = _day(now, row.zone)
        if row.digested_on is not None and row.digested_on >= today:
            return 0
        connection.execute(sa.update(authorities).where(authorities.c.id == authority_id).values(digested_on=today))
        authority = engine.library.authority(connection, authority_id, row.version)
        if not authority.calendar.is_working_day(today):
            return 0
        loads = _loads(connection, authority, today, now)
        letters = [_letter(engine, authority, person, load, today) for person, load in loads]
        outbox.queue(connection, letters, authority_id=authority_id, at=now)
        return len(letters)


def choose(engine: ProcessEngine, *, actor: Actor, wanted: bool) -> None:
    """Keep whether the actor wants the message."""
    with engine.sessions.act() as connection:
        connection.execute(
            sa.update(practitioners).where(practitioners.c.id == actor.practitioner_id).values(digest_off=not wanted)
        )


def _day(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _loads(connection: sa.Connection, authority: Authority, today: date, now: datetime) -> list[tuple[UUID, Load]]:
    """Return who is to be written to, and what presses: their own, and that of whom they cover."""
    last = authority.calendar.add_working_days(today, WITHIN)
    loads: dict[UUID, Load] = defaultdict(Load)
    away = _away(connection, authority.id, today)
    asked = {"authority": authority.id, "last": last, "covered": [who for who, cover in away.items() if cover]}
    rows = [*connection.execute(_TASKS, asked), *connection.execute(_ACTIONS, asked)]
    for reader, row in _shown(connection, rows, away, now):
        load = loads[reader]
        load.add(row.due_on, row.number, today=today, calendar=authority.calendar, protecting=row.protecting)
    people = connection.execute(_PEOPLE, {"authority": authority.id, "today": today}).scalars()
    return [(person, loads[person]) for person in people if person in loads and person not in away]


def _shown(
    connection: sa.Connection, rows: Iterable[Any], away: Mapping[UUID, UUID | None], now: datetime
) -> Iterator[tuple[UUID, Any]]:
    """Give what My work shows of these, with whom it shows it to: who has it, or who covers for them."""
    asked: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        reader = away.get(row.who) or row.who
        if row.personal and reader != row.who:
            continue
        if row.about is None:
            yield reader, row
        else:
            asked[reader].append(row)
    for reader, theirs in asked.items():
        actor = actors.of_practitioner(connection, reader, now=now)
        if actor is not None:
            stands = relations.of_many(connection, actor, [row.about for row in theirs])
            yield from ((reader, row) for row in theirs if row.about in stands and _may(actor, stands, row))


def _may(actor: Actor, stands: Mapping[UUID, Relation], row: Any) -> bool:
    relation = stands[row.about]
    if not row.task:
        return may_see_case(actor, relation)
    return may_see_task(actor, relation, assignee=row.who, groups=frozenset(), personal=row.personal)


def _away(connection: sa.Connection, authority_id: UUID, today: date) -> Mapping[UUID, UUID | None]:
    """Return who is away today, and who covers for them."""
    rows = connection.execute(
        sa.select(absences.c.practitioner_id, absences.c.covered_by).where(
            absences.c.authority_id == authority_id,
            absences.c.to_on.is_(None),
            absences.c.from_on <= today,
            sa.func.coalesce(absences.c.expected_to_on, today) >= today,
        )
    )
    return {row.practitioner_id: row.covered_by for row in rows}


_AUTHORITY = sa.bindparam("authority", type_=sa.Uuid)
_LAST = sa.bindparam("last", type_=sa.Date)
_NUMBER = sa.func.count().label("number")
_PROTECTING = protecting().label("protecting")
_COVERED = among(user_tasks.c.assignee_id, "covered")
_MAY_BE_KEPT = may_be_kept_from(user_tasks.c.case_id, user_tasks.c.assignee_id)
_TASKS = (
    sa.select(
        user_tasks.c.assignee_id.label("who"),
        user_tasks.c.due_on,
        # The case only where it may be kept from who has the task, or covers for them: else nobody need be asked.
        sa.case((sa.or_(_COVERED, _MAY_BE_KEPT), user_tasks.c.case_id)).label("about"),
        user_tasks.c.personal,
        sa.true().label("task"),
        _PROTECTING,
        _NUMBER,
    )
    .where(
        user_tasks.c.authority_id == _AUTHORITY,
        user_tasks.c.state == sa.literal_column("'open'"),
        user_tasks.c.assignee_id.is_not(None),
        user_tasks.c.due_on <= _LAST,
    )
    .group_by(user_tasks.c.assignee_id, user_tasks.c.due_on, user_tasks.c.personal, "about", "protecting")
)
_ACTIONS = (
    sa.select(
        plan_actions.c.owner_id.label("who"),
        plan_actions.c.due_on,
        plan_actions.c.case_id.label("about"),
        sa.false().label("personal"),
        sa.false().label("task"),
        sa.false().label("protecting"),
        _NUMBER,
    )
    .join(cases, cases.c.id == plan_actions.c.case_id)
    .where(
        plan_actions.c.authority_id == _AUTHORITY,
        plan_actions.c.closed_on.is_(None),
        cases.c.closed_on.is_(None),
        plan_actions.c.due_on <= _LAST,
    )
    .group_by(plan_actions.c.owner_id, plan_actions.c.due_on, plan_actions.c.case_id)
)
_LAST_DAY = sa.func.coalesce(practitioners.c.left_on, practitioners.c.leaves_on)
_PEOPLE = (
    sa.select(practitioners.c.id)
    .where(
        practitioners.c.authority_id == _AUTHORITY,
        practitioners.c.email != "",
        practitioners.c.digest_off.is_(False),
        sa.or_(_LAST_DAY.is_(None), sa.bindparam("today", type_=sa.Date) <= _LAST_DAY),
        sa.exists().where(accounts.c.practitioner_id == practitioners.c.id, accounts.c.disabled_at.is_(None)),
    )
    .order_by(practitioners.c.id)
)
SUBJECT: Final = "Your work today"


def _letter(engine: ProcessEngine, authority: Authority, person: UUID, load: Load, today: date) -> Letter:
    parts = (
        (load.late, "overdue"), (load.today, "due today"), (load.soon, "due within a working week"),
    )  # fmt: skip
    said = "\n".join(f"{number} {words}" for number, words in parts if number)
    address = str(authority.profile.get("service_address") or "").rstrip("/")
    way = f"See them on My work: {address}/tasks" if address else "Sign in and open My work to see them."
    stop = "You can turn this message off on your account’s page"
    stop += f": {address}/account#morning" if address else "."
    foot = "\n".join(authority.contacts.lines)
    body = "\n\n".join(part for part in (f"Of your tasks and actions:\n{said}", way, stop, foot) if part)
    key = f"digest {person.hex} {today.isoformat()}"
    return Letter(engine.ids.new(), person, None, SUBJECT, body, key)
