"""A small authority with invented people, a real engine and the shipped models: the world most tests begin with.

    world = build_world()                      # in memory
    with open_world(url) as world: ...         # on a file or PostgreSQL
    case_id = world.start_case()               # by Hana, a case worker
    world.do("record_consent", "hana", consent="given", given_by="Ada Whitlock", ...)
    world.pass_days(3)                         # the clock moves, the scheduler's work is done each day
    world.open_elements(case_id)               # ["complete_assessment"]

Small models for one test: `model(user("a"), way="start a; a end")` with the pieces of `tests.unit.bpmn.diagrams`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bootstrap import build_engine, sandbox
from engine.casework.permissions import Actor
from engine.clock import FakeClock
from engine.commands import cases, deployments, setup, user_tasks
from engine.commands.deployments import Deployed
from engine.commands.user_tasks import Completed
from engine.library import Library
from engine.passwords import hash_password
from engine.process_engine import ProcessEngine
from engine.queries.view import view_on
from engine.queries.visibility import visible
from engine.scheduler import Ticked, tick
from engine.store import actors
from engine.store.outbox import Claimed
from engine.store.tables import keeping, meetings, people, record, running
from engine.store.verification import Verification, verify
from tests.engine_copies import copy_of, read_all, settings_for  # noqa: F401 - tests look for the last one here
from tests.unit.bpmn.diagrams import end, file_of, process, start

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday in winter time, with no bank holiday near."""
PASSWORD = "correct horse battery"
CHECKLIST = MappingProxyType(
    {
        "healthy": "no", "safe": "yes", "learning": "no", "positive_impact": "yes", "free_from_poverty": "yes",
        "services_needed": "yes", "can_provide": "no", "harm_suspected": "no",
    }
)  # fmt: skip
"""A pre-assessment checklist that says: a common assessment is needed."""
ALONE = MappingProxyType({"changes_need_a_second_person": "no"})
"""The profile of an authority whose designer changes diagrams and rules alone, as most tests do."""
SUFFIXES = (".bpmn", ".dmn", ".form")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the authority, known in tests by first name in small letters."""

    name: str
    job_title: str
    roles: tuple[str, ...]
    agency: str = "Northcombe Health"
    manager: str = ""

    @property
    def key(self) -> str:
        """What tests call this person; also the user name."""
        return self.name.split()[0].lower()


MEMBERS = (
    Member("Morgan Hale", "Team manager", ("line_manager", "case_worker")),
    Member("Hana Verity", "Health visitor", ("case_worker",), manager="Morgan Hale"),
    Member("Idris Cole", "School nurse", ("case_worker",), manager="Morgan Hale"),
    Member("Sunniva Rao", "Head of year", ("line_manager",), agency="Northcombe School"),
    Member("Noor Bakar", "Teacher", ("case_worker",), agency="Northcombe School", manager="Sunniva Rao"),
    Member("Cleo Marsh", "CAF coordinator", ("coordinator",), agency="Northcombe Council"),
    Member("Ada Stone", "Group chair", ("mag_member", "safeguarding_lead"), agency="Northcombe Council"),
    Member("Piet Dahl", "Process designer", ("designer", "administrator"), agency="Northcombe Council"),
)


@dataclass(slots=True)
class Mailbox:
    """A courier that keeps what it is given; `broken` makes it refuse."""

    messages: list[Claimed] = field(default_factory=list)
    broken: bool = False

    def send(self, message: Claimed) -> None:
        """Keep a message, or raise `OSError`."""
        if self.broken:
            raise OSError("the post room is closed")
        self.messages.append(message)


class Every(frozenset[UUID]):
    """Every case: in these worlds a coordinator has said what they read it for, but in tests about that."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass(slots=True)
class World:
    """An engine and its people; `ids` are practitioner ids and `accounts` account ids, by first name."""

    engine: ProcessEngine
    clock: FakeClock
    authority_id: UUID
    ids: dict[str, UUID]
    accounts: dict[str, UUID]
    mailbox: Mailbox = field(default_factory=Mailbox)

    @property
    def today(self) -> date:
        """The authority's local day."""
        return self.clock.now().date()

    def actor(self, key: str, *roles: str) -> Actor:
        """Return the person called `key`, with their own roles unless others are given."""
        member = next(member for member in MEMBERS if member.key == key)
        managed = {self.ids[other.key] for other in MEMBERS if other.manager == member.name}
        return Actor(
            account_id=self.accounts[key],
            practitioner_id=self.ids[key],
            authority_id=self.authority_id,
            name=member.name,
            roles=frozenset(roles or member.roles),
            manages=frozenset(managed),
            looks_into=Every(),
        )

    def deploy(self, models: Mapping[str, bytes], *, note: str = "Tried in a test") -> Deployed:
        """Deploy files for the authority."""
        return deployments.deploy(self.engine, authority_id=self.authority_id, files=models, note=note)

    def start_case(
        self,
        *,
        by: str = "hana",
        process_key: str = cases.EPISODE,
        given_name: str = "Sam",
        family_id: UUID | None = None,
        identified: bool = True,
        born: date = date(2018, 3, 2),
    ) -> UUID:
        """Open a case for an invented child, run `process_key` on it, return the case's id.

        A shipped episode begins where consent is asked for, unless it is not to be `identified`: the checklist says
        that an assessment is needed, and no other plan was found.
        """
        child = cases.Child(given_name=given_name, family_name="Whitlock", born_on=born, family_id=family_id)
        case_id = cases.start(self.engine, actor=self.actor(by), child=child, process_key=process_key).case_id
        if identified and self.tasks(case_id, element="complete_checklist"):
            self.do("complete_checklist", by, case_id=case_id, **CHECKLIST)
            self.do("search_for_existing", by, case_id=case_id, found="none")
        return case_id

    def start_process(self, case_id: UUID, process_key: str, *, by: str = "hana", **variables: Any) -> UUID:
        """Start another process on a case and return the instance's id."""
        return cases.start_process_on(
            self.engine, actor=self.actor(by), case_id=case_id, process_key=process_key, variables=variables
        )

    def rows(self, query: sa.Executable) -> Sequence[sa.Row[Any]]:
        """Read from the database."""
        with self.engine.sessions.read() as connection:
            return connection.execute(query).all()

    def write(self, *statements: sa.Executable) -> None:
        """Change the database behind the engine's back."""
        with self.engine.sessions.act() as connection:
            for statement in statements:
                connection.execute(statement)

    def tasks(
        self, case_id: UUID | None = None, *, state: str = "open", element: str | None = None
    ) -> list[sa.Row[Any]]:
        """Return user tasks, the oldest first."""
        query = sa.select(running.user_tasks).where(running.user_tasks.c.state == state)
        if case_id is not None:
            query = query.where(running.user_tasks.c.case_id == case_id)
        if element is not None:
            query = query.where(running.user_tasks.c.element_id == element)
        return list(self.rows(query.order_by(running.user_tasks.c.opened_at, running.user_tasks.c.id)))

    def open_elements(self, case_id: UUID | None = None) -> list[str]:
        """Return the element ids of the open tasks, sorted."""
        return sorted(task.element_id for task in self.tasks(case_id))

    def task(self, element: str, case_id: UUID | None = None) -> sa.Row[Any]:
        """Return the first open task of an element; fails when there is none."""
        found = self.tasks(case_id, element=element)
        assert found, f"no open task {element}; open are {self.open_elements(case_id)}"
        return found[0]

    def do(self, element: str, by: str, *, case_id: UUID | None = None, **answers: Any) -> Completed:
        """Complete the open task of `element`, the person's own when there are several, claimed if need be."""
        who = self.actor(by)
        found = self.tasks(case_id, element=element)
        assert found, f"no open task {element}; open are {self.open_elements(case_id)}"
        task = next((each for each in found if each.assignee_id == who.practitioner_id), found[0])
        if task.assignee_id is None:
            user_tasks.claim(self.engine, actor=who, task_id=task.id)
        if element == "hold_tac_meeting":
            answers = {"family": self.family_that_came(task.case_id), **answers}
        return user_tasks.complete(self.engine, actor=who, task_id=task.id, answers=answers)

    def keep_parent(self, case_id: UUID, name: str = "Jo Whitlock") -> UUID:
        """Write down a parent of the case's child, as a consent would; return their id."""
        of_case = (record.cases.c.child_id == record.children.c.id) & (record.cases.c.id == case_id)
        family = self.rows(sa.select(record.children.c.family_id).join(record.cases, of_case))[0].family_id
        member = self.engine.ids.new()
        row = {"id": member, "authority_id": self.authority_id, "family_id": family, "name": name}
        self.write(sa.insert(record.family_members).values(**row))
        return member

    def agree(self, case_id: UUID) -> None:
        """Let the family of a case agree that what is known of it is shared."""
        said = {"purpose": "sharing", "answer": "given", "from_on": self.today, "case_id": case_id}
        own = {"id": self.engine.ids.new(), "authority_id": self.authority_id}
        self.write(sa.insert(record.consents).values(**own, **said))

    def family_that_came(self, case_id: UUID) -> list[dict[str, str]]:
        """Return the answer that everybody of the family who was asked to the coming meeting was there."""
        asked, meetings = record.family_invitations, record.tac_meetings
        coming = meetings.c.held_on.is_(None) & meetings.c.called_off_on.is_(None) & (meetings.c.case_id == case_id)
        rows = self.rows(
            sa.select(asked.c.member_id)
            .join(meetings, meetings.c.id == asked.c.meeting_id)
            .where(coming, asked.c.invited, asked.c.called_off_on.is_(None))
        )
        return [{"person": str(row.member_id or "child"), "came": "yes"} for row in rows]

    def tick(self) -> Ticked:
        """Do what the scheduler does when it wakes; no e-mail that leaves then names a child, each says which case."""
        before = len(self.mailbox.messages)
        done = tick(self.engine, self.mailbox)
        self._names_no_child(self.mailbox.messages[before:])
        self._say_which_case(self.mailbox.messages[before:])
        return done

    def _say_which_case(self, mails: Sequence[Claimed]) -> None:
        """Fail for an e-mail about a child's case without its reference, or that sends to it who may not open it."""
        known = self.rows(sa.select(record.cases).where(record.cases.c.child_id.is_not(None))) if mails else []
        references = {row.id: row.reference for row in known}
        in_full = {row.email for row in self.rows(sa.select(meetings.mail_agreements.c.email))} if mails else set()
        for mail in mails:
            text = f"{mail.subject}: {mail.body}"
            if mail.case_id not in references or mail.recipient in in_full:
                continue
            assert f"Our reference is {references[mail.case_id]}." in text, f"an e-mail does not say which case: {text}"
            if mail.practitioner_id is not None:
                sends = re.search("(?<!cannot )open the case|see the case|/cases/", text) is not None
                assert sends == self._opens(mail.practitioner_id, mail.case_id), f"an e-mail sends to a page: {text}"

    def _opens(self, practitioner_id: UUID, case_id: UUID) -> bool:
        """Tell whether the case's page lets somebody in."""
        with self.engine.sessions.read() as connection:
            reader = actors.of_practitioner(connection, practitioner_id, now=self.clock.now())
            return reader is not None and case_id in visible(view_on(self.engine, connection, reader), [case_id])

    def _names_no_child(self, mails: Sequence[Claimed]) -> None:
        """Fail for an e-mail that names its case's child; but for who agreed to have letters in full."""
        of_cases = {mail.case_id for mail in mails if mail.case_id is not None}
        if not of_cases:
            return
        names = sa.select(record.cases.c.id, record.children.c.given_name, record.children.c.known_as)
        rows = self.rows(names.join(record.children).where(record.cases.c.id.in_(of_cases)))
        words = {row.id: {name for name in (row.given_name, row.known_as) if name} for row in rows}
        agreed = {row.email for row in self.rows(sa.select(meetings.mail_agreements.c.email))}
        for mail in mails:
            text = f"{mail.subject}\n{mail.body}\n{mail.calendar}"
            named = [name for name in words.get(mail.case_id, ()) if re.search(rf"\b{re.escape(name)}\b", text)]
            assert not named or mail.recipient in agreed, f"an e-mail names a child: {text}"

    def pass_days(self, days: int) -> None:
        """Let days pass, with the scheduler at work once a day."""
        for _ in range(days):
            self.clock.advance(timedelta(days=1))
            self.tick()

    def timers(self, case_id: UUID | None = None, *, waiting: bool = True) -> list[sa.Row[Any]]:
        """Return timers, the earliest due first; those that wait, or all."""
        table = running.timers
        query = sa.select(table).join(running.instances, running.instances.c.id == table.c.instance_id)
        if waiting:
            query = query.where(table.c.fired_at.is_(None), table.c.cancelled_at.is_(None))
        if case_id is not None:
            query = query.where(running.instances.c.case_id == case_id)
        return list(self.rows(query.order_by(table.c.due_at, table.c.id)))

    def incidents(self, case_id: UUID | None = None) -> list[sa.Row[Any]]:
        """Return unresolved incidents."""
        query = sa.select(running.incidents).where(running.incidents.c.resolved_at.is_(None))
        if case_id is not None:
            query = query.where(running.incidents.c.case_id == case_id)
        return list(self.rows(query.order_by(running.incidents.c.opened_at)))

    def history(self, case_id: UUID, *kinds: str) -> list[sa.Row[Any]]:
        """Return a case's events in order, of the given kinds when any are given."""
        query = sa.select(keeping.history).where(keeping.history.c.case_id == case_id)
        if kinds:
            query = query.where(keeping.history.c.kind.in_(kinds))
        return list(self.rows(query.order_by(keeping.history.c.seq)))

    def case(self, case_id: UUID) -> sa.Row[Any]:
        """Return a case's row."""
        return self.rows(sa.select(record.cases).where(record.cases.c.id == case_id))[0]

    def instance(self, case_id: UUID, process_key: str) -> sa.Row[Any]:
        """Return the newest instance of a process on a case."""
        table = running.instances
        query = sa.select(table).where(table.c.case_id == case_id, table.c.process_key == process_key)
        return self.rows(query.order_by(table.c.started_at.desc(), table.c.id.desc()))[0]

    def verified(self, *, anchor: str | None = None) -> Verification:
        """Verify the whole history."""
        with self.engine.sessions.read() as connection:
            return verify(connection, expected_anchor=anchor)

    def restart(self) -> None:
        """Forget everything but the database, as a restart of the service does."""
        if self.engine.settings.database_url == "sqlite://":
            self.engine = ProcessEngine(
                settings=self.engine.settings, sessions=self.engine.sessions, clock=self.clock,
                ids=self.engine.ids, library=Library(),
            )  # fmt: skip
            return
        self.close()
        self.engine = build_engine(self.engine.settings, clock=self.clock)

    def close(self) -> None:
        """Give back the database's connections."""
        self.engine.sessions.close()


def build_world(
    url: str | None = None, *, at: datetime = MORNING, models: Mapping[str, bytes] | None = None, seed: int = 1
) -> World:
    """Return a world at the instant `at`: in memory, or in the empty database at `url`.

    `models` (name -> content) are the shipped ones unless given.
    """
    given = shipped_models() if models is None else models
    made = _furnished(at, seed, tuple(sorted(given.items())))
    clock = FakeClock(at)
    engine = copy_of(made.engine, clock=clock, url=url)
    return World(engine, clock, made.authority_id, made.ids.copy(), made.accounts.copy())


@lru_cache(maxsize=16)
def _furnished(at: datetime, seed: int, models: tuple[tuple[str, bytes], ...]) -> World:
    """Deploy models once for each process: reading them takes longer than most tests. Never changed."""
    clock = FakeClock(at)
    engine = sandbox(clock=clock, seed=seed)
    authority_id = setup.create_authority(engine, key="northcombe", name="Northcombe Council", profile=ALONE)
    world = World(engine, clock, authority_id, *_populate(engine, authority_id))
    if models:
        world.deploy(dict(models), note="")
    read_all(engine)
    return world


@contextmanager
def open_copy(made: Callable[[], World], url: str) -> Iterator[World]:
    """Give a world that holds what `made` returns, in the empty database at `url`, and close it afterwards.

    It is made once for each process, in memory: walking cases to where a test begins takes longer than most tests.
    """
    source = _once(made)
    clock = FakeClock(source.clock.now())
    engine = copy_of(source.engine, clock=clock, url=url)
    world = replace(source, engine=engine, clock=clock, ids=source.ids.copy(), accounts=source.accounts.copy(),
                    mailbox=Mailbox(source.mailbox.messages.copy()))  # fmt: skip
    try:
        yield world
    finally:
        world.close()


@lru_cache(maxsize=8)
def _once(made: Callable[[], World]) -> World:
    return made()


@contextmanager
def open_world(
    url: str | None = None, *, at: datetime = MORNING, models: Mapping[str, bytes] | None = None
) -> Iterator[World]:
    """Give a world and close it afterwards; takes what `build_world` takes."""
    world = build_world(url, at=at, models=models)
    try:
        yield world
    finally:
        world.close()


@cache
def shipped_models() -> Mapping[str, bytes]:
    """Return every shipped diagram, rules file and form, by file name."""
    folders = (files("processes"), files("processes") / "forms", files("rules"))
    found = (each for folder in folders for each in folder.iterdir())
    return {each.name: each.read_bytes() for each in found if each.name.endswith(SUFFIXES)}


def model(*elements: str, way: str, key: str = "small") -> bytes:
    """Return a one-process file; `start` and `end` events are there already. `way`: "start a; a end"."""
    return file_of(process(start(), *elements, end(), way=way, key=key))


def _populate(engine: ProcessEngine, authority_id: UUID) -> tuple[dict[str, UUID], dict[str, UUID]]:
    new = [
        setup.Person(
            name=member.name, job_title=member.job_title, agency=member.agency, team=f"{member.agency} team",
            email=f"{member.key}@northcombe.example", phone="01632 960300", manager=member.manager,
        )
        for member in MEMBERS
    ]  # fmt: skip
    by_name = setup.add_people(engine, authority_id=authority_id, new=new)
    ids = {member.key: by_name[member.name] for member in MEMBERS}
    return ids, {member.key: _account(engine, authority_id, member, ids[member.key]) for member in MEMBERS}


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def _account(engine: ProcessEngine, authority_id: UUID, member: Member, practitioner_id: UUID) -> UUID:
    """Give a person an account; written here because hashing one password takes longer than all the rest."""
    account_id = engine.ids.new()
    common = {"authority_id": authority_id, "from_on": engine.clock.now().date()}
    with engine.sessions.act() as connection:
        connection.execute(
            sa.insert(people.accounts).values(
                id=account_id, authority_id=authority_id, practitioner_id=practitioner_id, username=member.key,
                password_hash=_password_hash(),
            )
        )  # fmt: skip
        connection.execute(
            sa.insert(people.account_roles),
            [{"id": engine.ids.new(), "account_id": account_id, "role": role, **common} for role in member.roles],
        )
    return account_id
