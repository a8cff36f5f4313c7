"""What an authority calls itself and how it tells the time: needed by every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.casework.looks import OWN, Look, look
from engine.casework.profiles import Contacts, Group, groups
from engine.process_engine import ProcessEngine
from engine.queries.view import View
from engine.store.tables.people import authorities


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """An authority as its people know it. `now` is aware UTC, `today` the day in `zone` then.

    `contacts` says how the team that coordinates is reached, `groups` are its multi-agency groups,
    `service_address` where its people find the service, empty when nobody has said.
    """

    name: str
    zone: ZoneInfo
    now: datetime
    today: date
    meeting_term: str
    contacts: Contacts
    groups: tuple[Group, ...] = ()
    service_address: str = ""
    look: Look = OWN


def of_view(view: View) -> LocalAuthority:
    """Return the authority of whoever looks, with the clock as the view has read it. Open to all of its people."""
    here = view.authority
    known = tuple(groups(here.profile))
    address = str(here.profile.get("service_address") or "")
    return LocalAuthority(
        here.name, here.zone, view.now, view.today, meeting_term(view), here.contacts, known, address,
        look(here.profile),
    )  # fmt: skip


def look_for_anybody(engine: ProcessEngine) -> Look:
    """Return how pages look to who has not signed in: as the authority whose service this alone is, else our own."""
    with engine.sessions.read() as connection:
        profiles = connection.execute(sa.select(authorities.c.profile).limit(2)).scalars().all()
    return look(profiles[0] or {}) if len(profiles) == 1 else OWN


def meeting_term(view: View) -> str:
    """Return what the authority calls a meeting of the team around the child."""
    return view.authority.term
