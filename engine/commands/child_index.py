"""Ask whether a child is known, without being shown anything of the record: who leads, and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import child_index, locking, people, relations, requests
from engine.store.child_index import Sought
from engine.store.tables.access import index_questions
from engine.store.tables.keeping import record_reads
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import case_members, lead_professionals
from engine.work import open_work

LONGEST: Final = 200
READ_AS: Final = "that the child is known"
BATCH: Final = 100
AT_ONCE: Final = 20
"""About how many cases the record is asked in one question, were it to meet none."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring about a child who is known; `leads` is False for who assesses while nobody leads."""

    name: str
    job_title: str
    agency: str
    phone: str
    email: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Known:
    """One open case of a child of these names. `contact` is None while nobody answers for it: ask the coordinators.

    `open_to_actor`: they may open the case's page, so it may be linked.
    """

    case_id: UUID
    contact: Contact | None
    open_to_actor: bool


def ask(
    engine: ProcessEngine, *, actor: Actor, given_name: str, family_name: str, day: date | None
) -> tuple[Known, ...]:
    """Return the open cases of the child of these names who was born, or is expected, on `day`; the newest first.

    Two of the three have to agree. A restricted case that the asker does not work on is never among them, and the
    coordinators are told that somebody asked; the asker gets what they get when nothing is known, by the same steps.
    Every answer is kept with the record that it is about. Raises `NotPermitted`, `Invalid` naming the field.
    """
    if not permissions.may_ask_index(actor):
        raise NotPermitted("Who works with cases may ask whether a child is known")
    sought = _sought(given_name, family_name, day)
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        found = child_index.open_cases(connection, actor.authority_id, sought)
        hidden = child_index.restricted_cases(connection, actor.authority_id, sought)
        stands = _stands(connection, actor, {*found, *hidden})
        child_index.keep_question(
            connection, engine.ids, authority_id=actor.authority_id, practitioner_id=actor.practitioner_id, at=now,
            asked="search", restricted=[each for each in hidden if each not in stands],
        )  # fmt: skip
        shown = [each for each in found if each in stands]
        contacts = _contacts(connection, shown) if shown else {}
        _keep_shown(engine, connection, actor, shown, now)
    return tuple(
        Known(each, contacts.get(each), permissions.may_read_case(actor, stands[each])) for each in shown
    )


def ask_before_start(
    engine: ProcessEngine,
    *,
    actor: Actor,
    given_name: str,
    family_name: str,
    day: date | None,
    known_as: str = "",
    sibling_of: UUID | None = None,
    request_key: str | None = None,
) -> tuple[Known, ...]:
    """Return as `ask` the open cases of a child for whom somebody is about to start one.

    What is incomplete, as of an unborn child without a name, is compared as far as it goes; what they are `known_as`
    counts as a given name does. That a restricted case was met is kept by the start itself. Of the family of the case
    `sibling_of` only a child called the same is meant: twins agree in all else. Nothing is returned when the actor's
    `request_key` has started a case already.
    """
    if not permissions.may_ask_index(actor):
        raise NotPermitted("Who works with cases may ask whether a child is known")
    sought = Sought(given_name, family_name, day, known_as)
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        if requests.is_used(connection, actor, request_key):
            return ()
        found = child_index.open_cases(connection, actor.authority_id, sought, sibling_of=sibling_of)
        stands = _stands(connection, actor, set(found))
        shown = [each for each in found if each in stands]
        contacts = _contacts(connection, shown) if shown else {}
        _keep_shown(engine, connection, actor, shown, now)
    return tuple(Known(each, contacts.get(each), permissions.may_read_case(actor, stands[each])) for each in shown)


def _keep_shown(
    engine: ProcessEngine, connection: sa.Connection, actor: Actor, shown: Sequence[UUID], now: datetime
) -> None:
    for case_id in shown:
        connection.execute(
            sa.insert(record_reads).values(
                id=engine.ids.new(), authority_id=actor.authority_id, case_id=case_id,
                practitioner_id=actor.practitioner_id, at=now, what=READ_AS,
            )
        )  # fmt: skip


def _stands(connection: sa.Connection, actor: Actor, met: set[UUID]) -> Mapping[UUID, Relation]:
    """Return how the asker stands to the cases met, asked about the same number of cases whatever was met."""
    others = (UUID(int=number) for number in range(AT_ONCE))
    padded = [*met, *others][: max(AT_ONCE, len(met))]
    return relations.of_many(connection, actor, padded)


def tell_coordinators(engine: ProcessEngine) -> int:
    """Tell the coordinators of each question that met a restricted case, once; return how many there were.

    It is done apart from the question, which takes as long whatever it met.
    """
    with engine.sessions.read() as connection:
        waiting = connection.execute(_UNTOLD).all()
    return sum(_tell(engine, row) for row in waiting)


_UNTOLD = (
    sa.select(index_questions).where(index_questions.c.told_at.is_(None)).order_by(index_questions.c.id).limit(BATCH)
)


def _tell(engine: ProcessEngine, question: Any) -> bool:
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        taken = connection.execute(
            sa.update(index_questions)
            .where(index_questions.c.id == question.id, index_questions.c.told_at.is_(None))
            .values(told_at=now)
        )
        if taken.rowcount != 1 or not question.restricted:
            return False
        lines = locking.cases_of(connection, [UUID(each) for each in question.restricted])
        for line in lines.values():
            work = open_work(engine, connection, line, actor=None, at=now)
            work.record("restricted_case_met", subject=question.practitioner_id, detail={"asked": question.asked})
            for coordinator in people.with_role(connection, question.authority_id, "coordinator"):
                work.send(
                    coordinator,
                    subject="Somebody asked for a child whose case is restricted",
                    body="They were told that nothing is known. The case says who it was: decide what they need to "
                    "know.",
                    key=f"met:{question.id}:{line.id}:{coordinator}",
                )
            work.finish()
    return True


def _sought(given_name: str, family_name: str, day: date | None) -> Sought:
    for name, value, said in (
        ("given_name", given_name, "Enter the child's given name, or what they are called"),
        ("family_name", family_name, "Enter the child's family name"),
    ):
        if not value.strip():
            raise Invalid(said, field=name)
        if len(value) > LONGEST:
            raise Invalid(f"Use at most {LONGEST} characters", field=name)
    if day is None:
        raise Invalid("Enter the date of birth, or the expected date for an unborn baby", field="day")
    return Sought(given_name.strip(), family_name.strip(), day)


def _contacts(connection: sa.Connection, case_ids: Sequence[UUID]) -> Mapping[UUID, Contact]:
    """Return who answers for each case: the lead, or who assesses while nobody leads."""
    found: dict[UUID, Contact] = {}
    leads = (lead_professionals, sa.true(), True)
    assesses = (case_members, case_members.c.role == "assessor", False)
    for held, which, leading in (assesses, leads):
        rows = connection.execute(
            sa.select(held.c.case_id, practitioners, agencies.c.name.label("agency"))
            .join(practitioners, practitioners.c.id == held.c.practitioner_id)
            .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
            .where(held.c.case_id.in_(list(case_ids)), held.c.to_on.is_(None), which)
        )
        for row in rows:
            found[row.case_id] = Contact(
                row.name, row.job_title, row.agency or "", row.phone, row.email, leads=leading
            )
    return found
