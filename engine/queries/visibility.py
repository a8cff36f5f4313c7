"""Which cases a person may see: found set-wise in SQL, decided by `engine.casework.permissions` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.errors import NotFound, PurposeNeeded
from engine.process_engine import ProcessEngine
from engine.queries.view import View, view_on
from engine.store import mag_seats, offers, relations
from engine.store.sets import among
from engine.store.spells import held_at_the_close
from engine.store.tables.access import case_restrictions
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import line_managers
from engine.store.tables.record import case_members, cases, concerns, lead_professionals, mag_referrals
from engine.store.tables.running import user_tasks


def require_case(view: View, case_id: UUID) -> Relation:
    """Return how the actor stands to a case they may read.

    Raises `NotFound` when they may not, when it is another authority's, or when it is no child's case: nobody
    learns whether it exists. `PurposeNeeded` for a coordinator who has not said what they read it for.
    """
    relation = relations.of(view.connection, view.actor, case_id)
    if not permissions.may_read_case(view.actor, relation):
        raise NotFound("There is no such case", case_id=case_id)
    require_purpose(view.actor, case_id, relation)
    return relation


def require_purpose(actor: Actor, case_id: UUID, relation: Relation) -> None:
    """Raise `PurposeNeeded` for a coordinator who reads a case by their office, and has not said what for today."""
    if permissions.has_to_say_why(actor, relation) and case_id not in actor.looks_into:
        raise PurposeNeeded("Say first what you read this record for", case_id=case_id)


def visible(view: View, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which of `case_ids` the actor may read."""
    if not case_ids:
        return frozenset()
    stands = relations.of_many(view.connection, view.actor, case_ids)
    return frozenset(case_id for case_id, relation in stands.items() if permissions.may_read_case(view.actor, relation))


def not_theirs_to_cover(view: View) -> Sequence[UUID]:
    """Return the cases on which whom the actor covers has open tasks, and that are not open to the actor all the same.

    Without a statement for who covers nobody.
    """
    if not view.actor.covers:
        return ()
    held = _OWN_OPEN_TASK.where(_OWN_TASK.c.assignee_id.in_(sorted(view.actor.covers))).distinct()
    found = view.connection.execute(held).scalars().all()
    seen = visible(view, found)
    return [case_id for case_id in found if case_id not in seen]


def within_reach(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on `cases` that narrows a search to those the actor may see.

    It only saves work: what it finds still has to pass `visible`.
    """
    own = (cases.c.authority_id == actor.authority_id) & cases.c.child_id.is_not(None)
    if permissions.sees_whole_authority(actor):
        return own
    return own & cases.c.id.in_(sa.union(*_reaches(actor), *_reached_at_the_close(actor)))


def reaches(actor: Actor, case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return `within_reach` as a condition on one case at a time: for walks that stop after a few rows.

    It too only saves work; the case has to be of the actor's authority.
    """
    if permissions.sees_whole_authority(actor):
        return sa.true()
    return sa.or_(*(sa.exists(way.where(_case_of(way) == case_id)) for way in _reaches(actor)))


def _case_of(way: sa.Select[Any]) -> sa.ColumnElement[UUID]:
    (column,) = way.selected_columns
    return column


def record_read(engine: ProcessEngine, actor: Actor, case_id: UUID, what: str) -> Relation:
    """Keep that the actor read from a case's record, in a small act of its own, before they are answered.

    Return how they stand to the case. Raises `NotFound` as `require_case` does; then nothing is kept.
    """
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        relation = require_case(view, case_id)
        keep_read(view, case_id, what)
        return relation


@contextmanager
def reading(engine: ProcessEngine, actor: Actor, case_id: UUID, what: str) -> Iterator[tuple[View, Relation]]:
    """Keep that the actor read from a case's record, as `record_read` does; then give a view to read it on."""
    with engine.sessions.act() as connection:
        kept = view_on(engine, connection, actor)
        relation = require_case(kept, case_id)
        keep_read(kept, case_id, what)
    with engine.sessions.read() as connection:
        yield replace(kept, connection=connection), relation


def keep_read(view: View, case_id: UUID, what: str) -> None:
    """Write the line that says who read what; the caller has checked that they may."""
    view.connection.execute(
        sa.insert(record_reads).values(
            id=view.engine.ids.new(),
            authority_id=view.actor.authority_id,
            case_id=case_id,
            practitioner_id=view.actor.practitioner_id,
            at=view.now,
            what=what,
        )
    )


_HELD: Final = (lead_professionals, case_members)


def _reaches(actor: Actor, held_in: Sequence[sa.Table] = _HELD, *, restricted: bool = False) -> list[sa.Select[Any]]:
    """Return selects of case ids, one for each way to an open case; each follows an index.

    With `restricted` a restricted case is not left out: the caller asks of each one whether it may be read.
    """
    task, open_task = _OWN_TASK, _OWN_OPEN_TASK
    ways = []
    if actor.groups:
        own = open_task.where(task.c.authority_id == actor.authority_id)
        ways.append(own.where(task.c.queue.in_(sorted(actor.groups))))
        also = offers.to_groups(actor.authority_id, actor.groups)
        ways.append(own.where(task.c.assignee_id.is_(None), task.c.id.in_(also)))
    for whose, unless in (*_oneself_and_managed(actor), *_covered(actor)):
        free = _whatever if restricted else unless
        ways.append(open_task.where(task.c.assignee_id.in_(whose), free(task.c.case_id)))
        ways += [
            sa.select(held.c.case_id).where(
                held.c.practitioner_id.in_(whose), held.c.to_on.is_(None), free(held.c.case_id)
            )
            for held in held_in
        ]
    if "mag_member" in actor.roles:
        referred = (mag_referrals.c.ended_on.is_(None), _on_my_group(actor), unrestricted(mag_referrals.c.case_id))
        ways.append(sa.select(mag_referrals.c.case_id).where(*referred))
    if "safeguarding_lead" in actor.roles:
        ways.append(sa.select(concerns.c.case_id).where(concerns.c.ended_on.is_(None)))
    return ways


_OWN_TASK: Final = user_tasks.alias("own_task")
"""An alias, as the condition may stand inside a query of tasks."""
_OWN_OPEN_TASK: Final = sa.select(_OWN_TASK.c.case_id).where(_OWN_TASK.c.state == sa.literal_column("'open'"))


def _on_my_group(actor: Actor) -> sa.ColumnElement[bool]:
    return mag_seats.theirs(sa.literal(actor.practitioner_id, sa.Uuid), sa.literal(actor.authority_id, sa.Uuid))


_OWN_RESTRICTION: Final = case_restrictions.alias("own_restriction")


def unrestricted(case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition that a case is not restricted."""
    own = _OWN_RESTRICTION
    return ~sa.exists().where(own.c.case_id == case_id, own.c.lifted_at.is_(None)).correlate_except(own)


def _whatever(_case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    return sa.true()


Free = Callable[[sa.ColumnElement[UUID]], sa.ColumnElement[bool]]


def _oneself_and_managed(actor: Actor) -> tuple[tuple[sa.Select[Any], Free], ...]:
    """Return whose cases somebody reaches, and which of them: a restricted one is not its managers' to see."""
    managed = sa.select(line_managers.c.practitioner_id).where(
        line_managers.c.manager_id == actor.practitioner_id, line_managers.c.to_on.is_(None)
    )
    oneself = sa.select(sa.literal(actor.practitioner_id, sa.Uuid))
    return (oneself, _whatever), (managed, unrestricted)


def _covered(actor: Actor) -> tuple[tuple[sa.Select[Any], Free], ...]:
    """Return the same of whom somebody covers: of open cases alone, each still to be asked about."""
    return tuple((sa.select(sa.literal(each, sa.Uuid)), _whatever) for each in sorted(actor.covers))


def _reached_at_the_close(actor: Actor) -> list[sa.Select[Any]]:
    """Return selects of the closed cases that the actor, or somebody they manage, had when they closed."""
    closed = cases.alias("closed_case")
    return [
        sa.select(held.c.case_id)
        .join(closed, closed.c.id == held.c.case_id)
        .where(held.c.practitioner_id.in_(whose), held_at_the_close(held, closed.c.closed_on), free(held.c.case_id))
        for held in (lead_professionals, case_members)
        for whose, free in _oneself_and_managed(actor)
    ]


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may read, as exact conditions: of a case by its id (call it), of open tasks (`tasks`).

    `alone` are cases on which a task of somebody they manage is all that they may know of.
    """

    of_case: Callable[[sa.ColumnElement[UUID]], sa.ColumnElement[bool]]
    manages: Sequence[UUID] = ()
    alone: Sequence[UUID] = ()

    def __call__(self, case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
        """Return the condition that the case of an id is one they may read."""
        return self.of_case(case_id)

    @property
    def tasks(self) -> sa.ColumnElement[bool]:
        """Return the condition on `user_tasks` that an open one is of such a case, or theirs to put right."""
        seen = self.of_case(user_tasks.c.case_id)
        if not self.alone:
            return seen
        return sa.or_(seen, user_tasks.c.assignee_id.in_(self.manages) & user_tasks.c.case_id.in_(self.alone))


def seen(view: View, *, closed: bool = False) -> Sight:
    """Return the exact condition that the open case of an id is one the actor may read: for counts and long lists.

    With `closed`, so is a closed case that they, or whom they manage, led or assessed when it closed. Whoever
    may read a case by standing close to it, or by their office, is found in SQL alone; whoever has it by less, or as
    they cover somebody, is asked about case by case, as these are few. The caller asks for cases of the actor's
    authority; for open ones too where the actor sees all of them, as nobody leads or assesses a case that is closed.
    """
    if permissions.may_read_case(view.actor, Relation(same_authority=True)):
        return Sight(lambda _case_id: sa.true())
    sure = _surely_seen(view.actor)
    ended = _surely_seen(view.actor, closed=True) if closed else []
    doubtful = _doubtful(view.actor, sure)
    stands = relations.of_many(view.connection, view.actor, list(view.connection.execute(doubtful).scalars()))
    also = sorted(id_ for id_, relation in stands.items() if permissions.may_read_case(view.actor, relation))
    managed = sorted(view.actor.manages)
    alone = sorted(
        id_
        for id_, relation in (stands.items() if managed else ())
        # Whoever of them has the task.
        if id_ not in also and permissions.may_put_right(view.actor, relation, assignee=managed[0])
    )
    if also and not closed:
        still_open = sa.select(cases.c.id).where(among(cases.c.id), cases.c.closed_on.is_(None))
        also = sorted(view.connection.execute(still_open, {"ids": also}).scalars())

    def is_seen(case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
        ways = [case_id.in_(sa.union(*sure, *ended))] if sure else []
        return sa.or_(sa.false(), *ways, *([case_id.in_(also)] if also else []))

    return Sight(is_seen, managed, alone)


def _doubtful(actor: Actor, sure: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """Return a select of the ids that the actor reaches and that are not in `sure`: mostly none, of very many."""
    # Where whoever leads is sure to be seen, asking again who leads finds nothing; of whom one covers nothing is sure.
    led = not actor.covers and all(permissions.may_read_case(actor, close) for close in (_BY_LEADING, _BY_MANAGING))
    own = sa.union(*_reaches(actor, (case_members,) if led else _HELD, restricted=True)).subquery()
    # Gathered first: PostgreSQL would otherwise look through every open task there is for those that are not sure.
    return sa.select(own.c[0]).where(own.c[0].not_in(sa.union_all(*sure)) if sure else sa.true())


_OVER: Final = cases.alias("over")


def _surely_seen(actor: Actor, *, closed: bool = False) -> list[sa.Select[Any]]:
    """Return selects of the ids of open (or `closed`) cases that the actor may read whatever else is between them."""
    over = _OVER
    mine, managed = _oneself_and_managed(actor)
    asked = ((_BY_LEADING, mine), (_BY_MANAGING, managed))

    def held_by(held: sa.Table, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
        if not closed:
            return sa.select(held.c.case_id).where(held.c.to_on.is_(None), *which)
        at_the_close = (over.c.id == held.c.case_id) & held_at_the_close(held, over.c.closed_on)
        return sa.select(held.c.case_id).join(over, at_the_close).where(*which)

    return [
        held_by(held, held.c.practitioner_id.in_(whose), free(held.c.case_id), *role)
        for close, (whose, free) in asked
        if permissions.may_read_case(actor, close)
        for held, role in ((lead_professionals, ()), (case_members, (case_members.c.role == "assessor",)))
    ]


_BY_LEADING: Final = Relation(same_authority=True, leads=True)
_BY_MANAGING: Final = Relation(same_authority=True, manages_someone=True)
