"""The child, the family and the people round them, as a case's page shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.child_facts import NEEDS, SENSITIVE
from engine.casework.family_sharing import may_see_secret_address
from engine.casework.permissions import Relation
from engine.queries import case_family, words
from engine.queries.case_family import FamilyMember
from engine.queries.view import View
from engine.store import consent_cover, interim_leads, standing_in
from engine.store import people as staff_store
from engine.store.case_facts import CaseFacts
from engine.store.spells import held_until_now
from engine.store.tables.changes import handovers
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import (
    case_members,
    cases,
    children,
    lead_professionals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRecord:
    """The child. `name` is what they are called; one not born yet has `expected_on` instead of `born_on`.

    `address` is empty for those who need not know a secret one; `address_secret` and `sees_address` tell. `disability`
    and `ethnicity` are empty for those whom the family's consent does not let see what the assessment says.
    """

    child_id: UUID
    name: str
    given_name: str
    family_name: str
    known_as: str
    sex: str
    born_on: date | None
    expected_on: date | None
    address: str
    address_secret: bool
    sees_address: bool
    first_language: str
    interpreter: str
    access_needs: str
    disability: str
    ethnicity: str
    family: tuple[FamilyMember, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """The current lead professional. `interim` until one is appointed for good; `away` says so, empty when here.

    An interim lead's `since` is the first of their days, however often they were named again; `none_for_good_since`
    is the day from which others led in between before them, None when nobody did.
    """

    practitioner_id: UUID
    name: str
    phone: str
    email: str
    since: date
    planned_end_on: date | None
    interim: bool = False
    away: str = ""
    none_for_good_since: date | None = None

    def is_over(self, today: date) -> bool:
        """Tell whether they lead in between until `today` or a day before it, so that somebody else may be named."""
        return self.interim and self.planned_end_on is not None and self.planned_end_on <= today


@dataclass(frozen=True, slots=True)
class Handover:
    """A proposal that somebody else leads; `accepted_on` is None while the successor has not answered."""

    successor: str
    proposed_on: date
    planned_on: date
    accepted_on: date | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody round the child, their `part` in words; who `assesses` is rung while nobody leads.

    `may_take_out`: the reader may say that they are no longer part of the team.
    """

    practitioner_id: UUID
    name: str
    part: str
    phone: str
    email: str
    since: date
    assesses: bool = False
    may_take_out: bool = False


_PARTS: Final = {"assessor": "Assessor", "member": "In the team", "mag": "Multi-Agency Group"}


def child(view: View, case_id: UUID, relation: Relation, *, kept: frozenset[str] = frozenset()) -> ChildRecord:
    """Return the child, and their family with what each may be told of this case.

    `kept` are the kinds of information that the family's consent keeps from the reader.
    """
    row = view.connection.execute(_CHILD, {"case": case_id}).one()
    closest = may_see_secret_address(view.actor, relation)
    return ChildRecord(
        child_id=row.id,
        name=words.child_name(row.given_name, row.family_name, row.known_as),
        given_name=row.given_name,
        family_name=row.family_name,
        known_as=row.known_as,
        sex=row.sex,
        born_on=row.born_on,
        expected_on=row.expected_on,
        address=row.address if closest or not row.address_secret else "",
        address_secret=row.address_secret,
        sees_address=closest or not row.address_secret,
        **{name: row._mapping[name] for name in NEEDS},
        **{name: "" if "assessment" in kept else row._mapping[name] for name in SENSITIVE},
        family=case_family.of_case(view, case_id, closest=closest),
    )


def lead(view: View, case_id: UUID) -> Lead | None:
    """Return who leads now, or led when the case closed; None when nobody does, or who did has left."""
    row = view.connection.execute(_LEADS, {"case": case_id}).first()
    if row is None:
        return None
    who = row.practitioner_id
    standing = staff_store.standings_of_leads(view.connection, view.actor.authority_id, case_id, today=view.today)[who]
    leads_on = row.to_on is None
    if leads_on and standing.has_left(view.today):
        return None
    here = standing_in.on_case(view.connection, case_id, who, standing, today=view.today) if leads_on else standing
    away = here.warning(view.today) if leads_on else ""
    found = Lead(who, row.name, row.phone, row.email, row.from_on, row.planned_end_on, row.interim, away)
    return _since_first(view, case_id, found) if leads_on and row.interim else found


def _since_first(view: View, case_id: UUID, found: Lead) -> Lead:
    run = interim_leads.since(view.connection, case_id)
    since, first = run[found.practitioner_id], min(run.values())
    return replace(found, since=since, none_for_good_since=first if first < since else None)


def handover(view: View, case_id: UUID) -> Handover | None:
    """Return the proposal to hand over the lead that is under way, or None."""
    row = view.connection.execute(_HANDOVER, {"case": case_id}).first()
    return Handover(row.name, row.proposed_on, row.planned_on, row.accepted_on) if row is not None else None


def vacancy_since(view: View, case_id: UUID) -> date | None:
    """Return since when nobody leads an open case, None while somebody does or nobody was due to."""
    facts = CaseFacts(view.connection, case_id, today=view.today, calendar=view.authority.calendar)
    since: date | None = facts["lead_vacant_since"]
    return since


LEFT_OUT: Final = "left out by the family’s consent now"


def team(
    view: View, case_id: UUID, leads: Lead | None, *, linked: bool = False, may_take_out: bool = False
) -> tuple[Person, ...]:
    """Return everybody round the child now, the lead professional first; each once, with all their parts.

    On a case `linked` to another service's plan the one to turn to is that plan's key worker: who leads coordinates.
    `may_take_out` tells that the reader may say of those who neither lead nor assess that they are of it no longer.
    """
    rows = view.connection.execute(_MEMBERS, {"case": case_id}).all()
    parts: dict[UUID, list[str]] = {}
    people: dict[UUID, Any] = {}
    for row in rows:
        people[row.practitioner_id] = people.get(row.practitioner_id, row)
        parts.setdefault(row.practitioner_id, []).append(_PARTS[row.role])
    for each in consent_cover.left_out_of_team(view.connection, case_id):
        if each.id in parts:
            parts[each.id].append(LEFT_OUT)
    others = [(id_, said) for id_, said in parts.items() if leads is None or id_ != leads.practitioner_id]
    found = [_person(people[id_], said, may_take_out) for id_, said in others]
    if leads is None:
        return tuple(found)
    part = "Coordinates here" if linked else "Lead professional"
    first = Person(leads.practitioner_id, leads.name, part, leads.phone, leads.email, leads.since)
    return (first, *found)


def _person(row: Any, parts: list[str], may_take_out: bool) -> Person:
    work = ", ".join(part for part in (row.job_title, row.agency) if part)
    said = words.listed(list(dict.fromkeys(parts)))
    part = f"{work} ({said[:1].lower()}{said[1:]})" if work else said
    assesses = _PARTS["assessor"] in parts and LEFT_OUT not in parts
    may_take_out = may_take_out and _PARTS["member"] in parts and _PARTS["assessor"] not in parts
    return Person(row.practitioner_id, row.name, part, row.phone, row.email, row.from_on, assesses, may_take_out)


def _of_case(table: sa.Table) -> sa.Select[Any]:
    """Select the rows of `table` that are current, or were when the case closed, with the practitioner's columns."""
    columns = (practitioners.c.name, practitioners.c.phone, practitioners.c.email, practitioners.c.job_title)
    return (
        sa.select(table, *columns, agencies.c.name.label("agency"))
        .join(practitioners, practitioners.c.id == table.c.practitioner_id)
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .join(cases, cases.c.id == table.c.case_id)
        .where(table.c.case_id == _CASE, held_until_now(table, cases.c.closed_on))
    )


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_CHILD = sa.select(children).join(cases, cases.c.child_id == children.c.id).where(cases.c.id == _CASE)
_LEADS = _of_case(lead_professionals).order_by(lead_professionals.c.from_on.desc(), lead_professionals.c.id.desc())
_MEMBERS = _of_case(case_members).order_by(case_members.c.from_on)
_HANDOVER = (
    sa.select(handovers, practitioners.c.name)
    .join(practitioners, practitioners.c.id == handovers.c.successor_id)
    .where(handovers.c.case_id == _CASE, handovers.c.ended_on.is_(None))
)
BY_CASE: Final = (
    _CHILD, _LEADS, _MEMBERS, _HANDOVER,
    *case_family.BY_CASE, *staff_store.BY_CASE, *consent_cover.BY_CASE,
)  # fmt: skip
