"""The plans that wait for a multi-agency group, the longest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions, profiles
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import people, visibility, words
from engine.queries.view import View, viewing
from engine.store import mag_seats
from engine.store.pauses import paused_until
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children, lead_professionals, mag_referrals


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A plan that waits. `days` is how many working days since its first papers, whatever was put off since.

    `mag` and `meeting_on` are empty until the coordinator has chosen them.
    """

    case_id: UUID
    reference: str
    child_name: str
    lead_name: str | None
    referred_on: date
    days: int
    mag: str
    meeting_on: date | None
    put_off: int
    missing: str
    paused_until: date | None


def waiting(engine: ProcessEngine, *, actor: Actor) -> tuple[Waiting, ...]:
    """Return the open referrals of the groups that the actor sits on; all of them for a coordinator.

    Raises `NotPermitted` for who neither sits there nor coordinates.
    """
    if not permissions.may_see_mag_queue(actor):
        raise NotPermitted("The multi-agency group's own members and coordinators see what waits for it")
    with viewing(engine, actor) as view:
        query = _QUERY.where(cases.c.authority_id == actor.authority_id)
        if not permissions.sees_whole_authority(actor):
            query = query.where(_theirs(actor))
        rows = view.connection.execute(query).all()
        seen = visibility.visible(view, [row.id for row in rows])
        return tuple(_waiting(view, row) for row in rows if row.id in seen)


@dataclass(frozen=True, slots=True)
class Seated:
    """A member of multi-agency groups and the groups they sit on."""

    practitioner_id: UUID
    name: str
    agency: str
    mags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seats:
    """The authority's groups by name, and its members. `kept` is False while nobody has said who sits where."""

    mags: tuple[str, ...]
    members: tuple[Seated, ...]

    @property
    def kept(self) -> bool:
        """Tell whether members see what waits for their own groups alone."""
        return any(member.mags for member in self.members)


def seats(engine: ProcessEngine, *, actor: Actor) -> Seats:
    """Return who sits on which group. Raises `NotPermitted` for who neither coordinates nor administers."""
    if not permissions.may_keep_mag_seats(actor):
        raise NotPermitted("A coordinator or an administrator says who sits on which group")
    with viewing(engine, actor) as view:
        held = mag_seats.of_authority(view.connection, actor.authority_id)
        members = tuple(
            Seated(each.practitioner_id, each.name, each.agency, held.get(each.practitioner_id, frozenset()))
            for each in people.in_service(view, roles=("mag_member",))
        )
        names = tuple(dict.fromkeys(group.name for group in profiles.groups(view.authority.profile)))
    return Seats(names, members)


def _theirs(actor: Actor) -> sa.ColumnElement[bool]:
    return mag_seats.theirs(sa.literal(actor.practitioner_id, sa.Uuid), sa.literal(actor.authority_id, sa.Uuid))


def _waiting(view: View, row: Any) -> Waiting:
    return Waiting(
        case_id=row.id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as),
        lead_name=row.lead_name,
        referred_on=row.referred_on,
        days=max(0, view.authority.calendar.working_days_between(row.referred_on, view.today)),
        mag=row.mag,
        meeting_on=row.meeting_on,
        put_off=row.put_off,
        missing=row.missing,
        paused_until=row.paused_until,
    )


_LEADS = (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
_QUERY = (
    sa.select(
        cases.c.id,
        cases.c.reference,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        practitioners.c.name.label("lead_name"),
        paused_until(),
        *(mag_referrals.c[name] for name in ("referred_on", "mag", "meeting_on", "put_off", "missing")),
    )
    .select_from(
        mag_referrals.join(cases, cases.c.id == mag_referrals.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
        .outerjoin(lead_professionals, _LEADS)
        .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
    )
    .where(mag_referrals.c.ended_on.is_(None), cases.c.closed_on.is_(None))
    .order_by(mag_referrals.c.referred_on, mag_referrals.c.id)
)
