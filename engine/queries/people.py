"""Practitioners of the actor's authority, and the numbers to ring when a child may be at risk of harm."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import LEADS_CASES, Actor
from engine.casework.standing import why_led
from engine.process_engine import ProcessEngine
from engine.queries.case_people import vacancy_since
from engine.queries.view import View, viewing
from engine.store import interim_leads, standing_in
from engine.store.consent_cover import left_out
from engine.store.people import holds, standings, standings_of_leads
from engine.store.strangers import strangers
from engine.store.tables.people import agencies, authorities
from engine.store.tables.people import practitioners as people
from engine.store.tables.record import lead_professionals


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody a task can be given to. `value` and `label` are what a list of choices shows."""

    practitioner_id: UUID
    name: str
    job_title: str
    agency: str

    @property
    def value(self) -> str:
        """Return the id as text."""
        return str(self.practitioner_id)

    @property
    def label(self) -> str:
        """Return the name with job title and agency."""
        return ", ".join(part for part in (self.name, self.job_title, self.agency) if part)


@dataclass(frozen=True, slots=True)
class SafeguardingNumber:
    """A number to ring; `when` says at which hours."""

    name: str
    phone: str
    when: str


def practitioners(engine: ProcessEngine, *, actor: Actor, roles: Collection[str] = ()) -> tuple[Practitioner, ...]:
    """Return everybody who works in the actor's authority today, by name; only those who have one of `roles`, if given.

    Names of colleagues are open to all.
    """
    with viewing(engine, actor) as view:
        return in_service(view, roles=roles)


def away(engine: ProcessEngine, *, actor: Actor, case_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return of those of `ids` who are away today that they are, until when, and who stands in for them on a case.

    Nobody does on a case that is kept from who covers, and that is said.
    """
    with viewing(engine, actor) as view:
        found = standings(view.connection, actor.authority_id, ids, today=view.today)
        here = {
            id_: standing_in.on_case(view.connection, case_id, id_, each, today=view.today)
            for id_, each in found.items()
        }
        return {id_: said for id_, each in here.items() if (said := each.warning(view.today))}


@dataclass(frozen=True, slots=True)
class InBetween:
    """Who may be named to lead a plan in between, by name; `kept_out` counts with whom it is not shared.

    `led` says why nobody is to be named now, as somebody leads who is here; empty while somebody is.
    """

    people: tuple[Practitioner, ...]
    kept_out: int
    led: str


def to_lead_between(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> InBetween:
    """Return who may be named to lead a plan in between: whom the family's answer on sharing keeps it from may not.

    Nor may who leads it for good, or leads it and is away.
    """
    with viewing(engine, actor) as view:
        lead = view.connection.execute(_LEADS, {"case": case_id}).first()
        stands = standings_of_leads(view.connection, actor.authority_id, case_id, today=view.today)
        kept = {id_ for id_, each in stands.items() if each.is_away(view.today)}
        kept |= {lead.practitioner_id} if lead is not None and not lead.interim else set()
        able = [each for each in in_service(view, roles=LEADS_CASES) if each.practitioner_id not in kept]
        ids = [each.practitioner_id for each in able]
        out = {each.id for each in left_out(view.connection, case_id, ids)}
        out |= {each.id for each in strangers(view.connection, case_id, ids, today=view.today, to_lead_between=True)}
        led = why_led(
            None if lead is None else stands[lead.practitioner_id],
            view.today,
            is_over=interim_leads.is_over(view.connection, case_id, today=view.today),
            was_led=vacancy_since(view, case_id) is not None,
        )
        return InBetween(tuple(each for each in able if each.practitioner_id not in out), len(out), led)


_LEADS = sa.select(lead_professionals.c.practitioner_id, lead_professionals.c.interim).where(
    lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None)
)


def names(engine: ProcessEngine, *, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the names of those of `ids` who are or were in the actor's authority."""
    if not ids:
        return {}  # without a look at the record
    with viewing(engine, actor) as view:
        return names_in(view, ids)


def names_in(view: View, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the same in a view that is open already."""
    if not ids:
        return {}
    wanted = people.c.id.in_(list(ids)) & (people.c.authority_id == view.actor.authority_id)
    rows = view.connection.execute(sa.select(people.c.id, people.c.name).where(wanted))
    return {row.id: row.name for row in rows}


def in_service(view: View, *, roles: Collection[str] = ()) -> tuple[Practitioner, ...]:
    """Return the authority's practitioners who have not left, by name; only those who have one of `roles`, if given."""
    rows = view.connection.execute(
        sa.select(people.c.id, people.c.name, people.c.job_title, agencies.c.name.label("agency"))
        .outerjoin(agencies, agencies.c.id == people.c.agency_id)
        .where(
            people.c.authority_id == view.actor.authority_id,
            sa.or_(people.c.left_on.is_(None), people.c.left_on >= view.today),
            holds(people.c.id, roles) if roles else sa.true(),
        )
        .order_by(people.c.name, people.c.id)
    )
    return tuple(Practitioner(row.id, row.name, row.job_title, row.agency or "") for row in rows)


def safeguarding_numbers(engine: ProcessEngine, *, actor: Actor) -> tuple[SafeguardingNumber, ...]:
    """Return whom to ring, in the order the authority's profile gives under `safeguarding`; open to all."""
    with viewing(engine, actor) as view:
        kept = view.authority.profile.get("safeguarding") or ()
    return _numbers(kept)


def safeguarding_numbers_for_anybody(engine: ProcessEngine) -> tuple[SafeguardingNumber, ...]:
    """Return the same to who has not signed in: where the service is one authority's alone; else nothing."""
    with engine.sessions.read() as connection:
        profiles = connection.execute(sa.select(authorities.c.profile).limit(2)).scalars().all()
    kept = (profiles[0] or {}).get("safeguarding") or () if len(profiles) == 1 else ()
    return _numbers(kept)


def _numbers(kept: Iterable[object]) -> tuple[SafeguardingNumber, ...]:
    return tuple(_number(each) for each in kept if isinstance(each, Mapping) and each.get("phone"))


def _number(kept: Mapping[str, object]) -> SafeguardingNumber:
    return SafeguardingNumber(
        str(kept.get("name") or "Children's social care"), str(kept["phone"]), str(kept.get("when") or "")
    )
