"""Set up an authority and its people. Used by `caf init`, the demo and tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from engine.casework.permissions import ROLES
from engine.casework.profiles import check_profile
from engine.errors import Conflict, Invalid
from engine.passwords import hash_password
from engine.process_engine import ProcessEngine
from engine.store import administration, authorities, job_roles, staff
from engine.store.tables import people
from engine.work import open_work

SAFEGUARDING: Final = "safeguarding"
"""The field of a profile that says whom to ring when a child is at risk."""
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A practitioner to add; with `username` and `password` also an account with `roles`.

    `agency` and `team` are names, made when new; `manager` is the name of somebody added before.
    """

    name: str
    job_title: str
    agency: str
    team: str = ""
    email: str = ""
    phone: str = ""
    manager: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    roles: Sequence[str] = ()


def create_authority(
    engine: ProcessEngine,
    *,
    key: str,
    name: str,
    profile: Mapping[str, Any] | None = None,
    nation: str = "england-and-wales",
    zone: str = "Europe/London",
) -> UUID:
    """Create an authority with its administration chain and the usual job roles, and return its id.

    Raises `Conflict` when the key is taken, `Invalid` for an unknown nation or zone.
    """
    check_authority(key=key, zone=zone)
    authority_id = engine.ids.new()
    with engine.sessions.act() as connection:
        taken = connection.execute(sa.select(people.authorities.c.id).where(people.authorities.c.key == key)).first()
        if taken is not None:
            raise Conflict(f"There is an authority '{key}' already", key=key)
        connection.execute(
            sa.insert(people.authorities).values(
                id=authority_id, key=key, name=name, nation=nation, zone=zone, profile=dict(profile or {})
            )
        )
        job_roles.begin(connection, authority_id)
        now = engine.clock.now()
        administration.create(connection, id_=engine.ids.new(), authority_id=authority_id, on=now.date())
        work = open_work(engine, connection, administration.lock(connection, authority_id), actor=None, at=now)
        work.record("authority_created", subject=authority_id, detail={"nation": nation})
        work.finish()
    return authority_id


def check_authority(*, key: str | None, zone: str) -> None:
    """Raise `Invalid` for a key of other letters than an authority's can have, or a zone that there is not."""
    if key is not None and not KEY.fullmatch(key):
        raise Invalid(f"'{key}' cannot be an authority's key; use small letters, digits and hyphens", field="authority")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"There is no time zone '{zone}'; write it like Europe/London", field="zone") from error


def set_profile(
    engine: ProcessEngine, *, authority_id: UUID, profile: Mapping[str, Any], name: str = "", nation: str = ""
) -> None:
    """Replace an authority's profile, and its name and nation when they are given; history keeps that it changed.

    A profile that names nobody to ring leaves the numbers as they are: somebody may have entered them. Raises
    `Invalid` naming what is not of the shape that `engine.casework.profiles` says.
    """
    check_profile(profile)
    more = {key: value for key, value in (("name", name), ("nation", nation)) if value}
    with engine.sessions.act() as connection:
        now = engine.clock.now()
        work = open_work(engine, connection, administration.lock(connection, authority_id), actor=None, at=now)
        own = people.authorities.c.id == authority_id
        kept = {name: value for name, value in work.authority.profile.items() if name == SAFEGUARDING}
        whole = {**kept, **profile}
        connection.execute(sa.update(people.authorities).where(own).values(profile=whole, **more))
        authorities.touch(connection, authority_id)
        work.record("profile_changed", subject=authority_id, detail={"profile": whole, **more})
        work.finish()


def set_safeguarding(engine: ProcessEngine, *, authority_id: UUID, numbers: Sequence[Mapping[str, str]]) -> None:
    """Set whom to ring when a child is at risk, each {name, phone, when}; the rest of the profile stays.

    Raises `Invalid` for a number without a name or a phone.
    """
    set_profile(
        engine,
        authority_id=authority_id,
        profile={**_profile(engine, authority_id), SAFEGUARDING: [dict(each) for each in numbers]},
    )


def lacks_safeguarding(engine: ProcessEngine, *, authority_id: UUID) -> bool:
    """Tell whether an authority names nobody to ring when a child is at risk."""
    return not _profile(engine, authority_id).get(SAFEGUARDING)


def _profile(engine: ProcessEngine, authority_id: UUID) -> Mapping[str, Any]:
    with engine.sessions.read() as connection:
        return authorities.load(connection, authority_id).profile


def any_authority(engine: ProcessEngine) -> bool:
    """Tell whether there is an authority at all."""
    with engine.sessions.read() as connection:
        return connection.execute(sa.select(people.authorities.c.id).limit(1)).first() is not None


def find_authority(engine: ProcessEngine, *, key: str | None = None) -> UUID | None:
    """Return the id of the authority with `key`, or of the only one when no key is given; None when there is none.

    Raises `Invalid` when there are several and none is named.
    """
    query = sa.select(people.authorities.c.id)
    if key is not None:
        query = query.where(people.authorities.c.key == key)
    with engine.sessions.read() as connection:
        found = list(connection.execute(query).scalars())
    if len(found) > 1:
        raise Invalid("There are several authorities; say which", field="authority")
    return found[0] if found else None


def add_people(engine: ProcessEngine, *, authority_id: UUID, new: Sequence[Person]) -> dict[str, UUID]:
    """Add practitioners and accounts; return practitioner ids by name. All or nothing.

    Raises `Invalid` for an unknown role or manager or an empty password, `Conflict` when a user name is taken.
    """
    with engine.sessions.act() as connection:
        now = engine.clock.now()
        work = open_work(engine, connection, administration.lock(connection, authority_id), actor=None, at=now)
        adding = _Adding(engine, connection, authority_id, work.today)
        ids = {person.name: adding.add(person) for person in new}
        work.record("people_added", detail={"people": [str(id_) for id_ in ids.values()]})
        authorities.touch(connection, authority_id)
        work.finish()
    return ids


class _Adding:
    def __init__(self, engine: ProcessEngine, connection: sa.Connection, authority_id: UUID, on: date) -> None:
        self._engine, self._connection, self._authority_id, self._on = engine, connection, authority_id, on
        self._known: dict[str, UUID] = {}
        # An invented caseload gives everybody one password, and a hash is slow on purpose.
        self._hash = cache(hash_password)

    def add(self, person: Person) -> UUID:
        agency = self._named(people.agencies, person.agency)
        id_ = self._insert(
            people.practitioners,
            agency_id=agency,
            name=person.name,
            job_title=job_roles.listed(self._connection, self._authority_id, person.job_title),
            email=person.email,
            phone=person.phone,
        )
        self._known[person.name] = id_
        if person.team:
            team = self._named(people.teams, person.team, agency_id=agency)
            self._insert(people.team_memberships, practitioner_id=id_, team_id=team, from_on=self._on)
        if person.manager:
            self._insert(people.line_managers, practitioner_id=id_, manager_id=self._manager(person), from_on=self._on)
        if person.username:
            self._account(person, id_)
        return id_

    def _account(self, person: Person, practitioner_id: UUID) -> None:
        unknown = sorted(set(person.roles) - set(ROLES))
        if unknown:
            said = f"There is no role '{unknown[0]}'; roles are {', '.join(ROLES)}"
            raise Invalid(said, field="roles", person=person.name)
        username = person.username.strip().lower()
        # User names are one space across authorities: people sign in without naming theirs.
        taken = sa.select(people.accounts.c.id).where(people.accounts.c.username == username)
        if self._connection.execute(taken).first() is not None:
            raise Conflict(f"The user name '{username}' is taken", field="username", person=person.name)
        if not person.password:
            raise Invalid(f"{person.name} needs a password to sign in with", field="password")
        account_id = self._insert(
            people.accounts,
            practitioner_id=practitioner_id,
            username=username,
            password_hash=self._hash(person.password),
        )
        for role in person.roles:
            self._insert(people.account_roles, account_id=account_id, role=role, from_on=self._on)

    def _manager(self, person: Person) -> UUID:
        if person.manager in self._known:
            return self._known[person.manager]
        table = people.practitioners
        same = (table.c.authority_id == self._authority_id) & (table.c.name == person.manager)
        found: UUID | None = self._connection.execute(sa.select(table.c.id).where(same)).scalar()
        if found is None:
            said = f"{person.name}'s manager, {person.manager}, is not known"
            raise Invalid(said, field="manager", person=person.name)
        return found

    def _named(self, table: sa.Table, name: str, **values: Any) -> UUID:
        found = staff.open_named(self._connection, self._authority_id, table, name)
        return found or self._insert(table, name=name, **values)

    def _insert(self, table: sa.Table, **values: Any) -> UUID:
        id_ = self._engine.ids.new()
        self._connection.execute(sa.insert(table).values(id=id_, authority_id=self._authority_id, **values))
        return id_
