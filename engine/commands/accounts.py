"""People and their accounts: add somebody, set roles and line manager, give and change passwords, end what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import passwords
from engine.casework.permissions import ROLES, Actor, may_keep_accounts
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work, require_other_administrator
from engine.process_engine import ProcessEngine
from engine.store import absences, job_roles, people, staff
from engine.store.sessions import token_hash
from engine.store.tables.people import accounts, practitioners, sessions
from engine.work import Work

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
_NO_ACCOUNT: Final = (
    "Their account was closed. Whom they manage, lead and have tasks for is still theirs: record their last day or an "
    "absence, or appoint an interim lead. This message names nobody on purpose; Workload marks who cannot sign in."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody to add; with a `username` also an account with `roles`. Agency and team are names, made when new."""

    name: str
    agency: str
    job_title: str = ""
    team: str = ""
    email: str = ""
    phone: str = ""
    manager_id: UUID | None = None
    username: str = ""
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """Who was added. `password` works once and is shown once; empty without an account."""

    practitioner_id: UUID
    password: str = field(default="", repr=False)


def add_person(engine: ProcessEngine, *, actor: Actor, person: NewPerson) -> Added:
    """Add a practitioner, and an account whose password has to be changed at the first sign-in.

    Raises `NotPermitted`, `Invalid` naming the field.
    """
    _require_may(actor)
    _require_named(person)
    password = passwords.one_time() if person.username.strip() else ""
    hashed = passwords.hash_password(password) if password else ""
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        _require_role(work, person.job_title)
        writing = staff.Writing(connection, engine.ids, work.authority.id, work.today)
        id_ = writing.practitioner(
            name=person.name.strip(), job_title=person.job_title.strip(), email=person.email.strip(),
            phone=person.phone.strip(), agency=person.agency.strip(), team=person.team.strip(),
        )  # fmt: skip
        if person.manager_id is not None:
            _set_manager(work, writing, id_, person.manager_id)
        work.record("person_added", subject=id_)
        if hashed:
            _open_account(work, writing, id_, person, hashed)
        work.finish()
    return Added(id_, password)


def set_roles(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, roles: Sequence[str]) -> None:
    """Give somebody exactly `roles` from now on. One's own are for another administrator to set.

    Raises `NotPermitted`, `NotFound` without an open account, `Invalid` for an unknown role or the only administrator.
    """
    _require_may(actor, practitioner_id)
    _require_roles(roles)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        account = _open_account_of(work, practitioner_id)
        if "administrator" not in roles:
            require_other_administrator(work, practitioner_id)
        staff.Writing(connection, engine.ids, work.authority.id, work.today).roles(account.id, roles)
        work.record("roles_set", subject=practitioner_id, detail={"roles": sorted(set(roles))})
        work.finish()


def set_manager(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, manager_id: UUID | None) -> None:
    """Set somebody's line manager from today (None: they have none). Raises as `set_roles`."""
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        if absences.practitioner(connection, work.authority.id, practitioner_id) is None:
            raise NotFound("There is no such person", practitioner_id=practitioner_id)
        writing = staff.Writing(connection, engine.ids, work.authority.id, work.today)
        _set_manager(work, writing, practitioner_id, manager_id)
        said = None if manager_id is None else str(manager_id)
        work.record("manager_set", subject=practitioner_id, detail={"manager": said})
        work.finish()


def set_job_role(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, job_role: str) -> None:
    """Set what somebody works as: a role of the authority's list, "" for none. Raises as `set_roles`."""
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        row = absences.practitioner(connection, work.authority.id, practitioner_id)
        if row is None:
            raise NotFound("There is no such person", practitioner_id=practitioner_id)
        before = connection.execute(sa.select(practitioners.c.job_title).where(practitioners.c.id == row.id)).scalar()
        if before == job_role:
            return
        _require_role(work, job_role)
        connection.execute(sa.update(practitioners).where(practitioners.c.id == row.id).values(job_title=job_role))
        said = {"from": before, "to": job_role}
        work.record("job_role_set", subject=practitioner_id, detail=said)
        work.finish()


def end_account(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> None:
    """End somebody's account and sessions at once; they stay on record with their work. Raises as `set_roles`.

    New tasks go to others by the rules; whoever manages them is told of the rest, and coordinators where they manage
    others or nobody manages them.
    """
    _require_may(actor, practitioner_id)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        _open_account_of(work, practitioner_id)
        require_other_administrator(work, practitioner_id)
        absences.end_accounts(connection, practitioner_id, at=work.at)
        work.record("account_ended", subject=practitioner_id)
        manages = absences.reports_of(connection, practitioner_id) > 0
        if manages or absences.open_cases_of(connection, practitioner_id):
            manager = people.manager_of(connection, practitioner_id)
            coordinators = people.with_role(connection, work.authority.id, "coordinator")
            told = [*([manager] if manager else coordinators), *(coordinators if manages else [])]
            for each in dict.fromkeys(told):
                work.send(each, subject="Somebody with work on plans can no longer sign in", body=_NO_ACCOUNT)
        work.finish()


def new_password(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> str:
    """Give somebody a password that works until they choose their own, and sign them out everywhere; return it.

    Raises as `set_roles`.
    """
    _require_may(actor, practitioner_id)
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        account = _open_account_of(work, practitioner_id)
        _write_password(work, account.id, hashed, once=True)
        _end_sessions(work, account.id, but="")
        work.record("password_replaced", subject=practitioner_id)
        work.finish()
    return password


def change_password(engine: ProcessEngine, *, actor: Actor, present: str, new: str, token: str) -> None:
    """Change one's own password, and sign out everywhere but in the session of `token`.

    Raises `Invalid` naming the field: the present one is wrong, the new one is too short or says the user name.
    """
    with engine.sessions.read() as connection:
        account = connection.execute(sa.select(accounts).where(accounts.c.id == actor.account_id)).one()
    if not passwords.matches(account.password_hash, present):
        raise Invalid("This is not your present password", field="present")
    _require_good(new, present=present, username=account.username)
    hashed = passwords.hash_password(new)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        _write_password(work, account.id, hashed, once=False)
        _end_sessions(work, account.id, but=token)
        work.record("password_changed", subject=actor.practitioner_id)
        work.finish()


def end_other_sessions(engine: ProcessEngine, *, actor: Actor, token: str) -> int:
    """Sign out everywhere but in the session of `token`; return how many sessions that ended."""
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        ended = _end_sessions(work, actor.account_id, but=token)
        if ended:
            work.record("sessions_ended", subject=actor.practitioner_id, detail={"sessions": ended})
            work.finish()
    return ended


def _require_may(actor: Actor, practitioner_id: UUID | None = None) -> None:
    if not may_keep_accounts(actor):
        raise NotPermitted("An administrator keeps the accounts")
    if practitioner_id == actor.practitioner_id:
        raise NotPermitted("Another administrator has to do this for your own account")


def _require_named(person: NewPerson) -> None:
    for name, said in (("name", "Enter the person's name"), ("agency", "Enter the agency they work for")):
        if not getattr(person, name).strip():
            raise Invalid(said, field=name)
    _require_roles(person.roles)
    if person.roles and not person.username.strip():
        raise Invalid("Enter a user name, or take the roles away", field="username")


def _require_roles(roles: Sequence[str]) -> None:
    if not set(roles) <= set(ROLES):
        raise Invalid("Choose roles from the list", field="roles")


def _require_role(work: Work, name: str) -> None:
    """Refuse a job role that is not on the authority's list, or is retired."""
    if name.strip() and not job_roles.is_current(work.connection, work.authority.id, name):
        raise Invalid("Choose a role from the list. An administrator adds to it under Job roles", field="job_title")


def _require_good(password: str, *, present: str, username: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"Use at least {SHORTEST_PASSWORD} characters; three words you can remember will do", field="new")
    if password == present:
        raise Invalid("Choose another password than the present one", field="new")
    if username.lower() in password.lower():
        raise Invalid("Leave your user name out of the password", field="new")


def _set_manager(work: Work, writing: staff.Writing, practitioner_id: UUID, manager_id: UUID | None) -> None:
    if manager_id is not None:
        row = absences.practitioner(work.connection, work.authority.id, manager_id)
        if row is None or row.left_on is not None or manager_id == practitioner_id:
            raise Invalid("Choose a line manager from the list", field="manager_id")
    writing.manager(practitioner_id, manager_id)


def _open_account(work: Work, writing: staff.Writing, id_: UUID, person: NewPerson, hashed: str) -> None:
    username = person.username.strip().lower()
    if not writing.account(id_, username, hashed, person.roles):
        raise Invalid(f"The user name '{username}' is taken", field="username")
    work.record("account_opened", subject=id_, detail={"roles": sorted(set(person.roles))})


def _open_account_of(work: Work, practitioner_id: UUID) -> Any:
    row = work.connection.execute(
        sa.select(accounts).where(
            accounts.c.practitioner_id == practitioner_id,
            accounts.c.authority_id == work.authority.id,
            accounts.c.disabled_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFound("This person has no account", practitioner_id=practitioner_id)
    return row


def _write_password(work: Work, account_id: UUID, hashed: str, *, once: bool) -> None:
    changed = work.connection.execute(
        sa.update(accounts)
        .where(accounts.c.id == account_id, accounts.c.disabled_at.is_(None))
        .values(password_hash=hashed, password_once=once)
    )
    if changed.rowcount != 1:
        raise Conflict("This account was ended a moment ago")


def _end_sessions(work: Work, account_id: UUID, *, but: str) -> int:
    ended = work.connection.execute(
        sa.update(sessions)
        .where(
            sessions.c.account_id == account_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > work.at,
            sessions.c.token_hash != token_hash(but),
        )
        .values(ended_at=work.at)
    )
    return ended.rowcount
