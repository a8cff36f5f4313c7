"""A whole service for tests of pages and API: a real engine in memory, deployed models, invented people."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from html import unescape
from pathlib import Path
from types import CodeType
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from engine.bootstrap import build_engine, sandbox
from engine.clock import Clock, FakeClock, SystemClock
from engine.commands import approved_changes, cases, deployments, setup, user_tasks
from engine.commands.setup import Person
from engine.playing.guarding import guarded
from engine.process_engine import ProcessEngine
from engine.queries import case_file, sessions
from engine.settings import Settings
from engine.store.tables.consents import consents
from tests.engine_copies import as_read, copy_of, read_all, write_file
from tests.worlds import CHECKLIST
from web import create_app, current

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse battery"
PROFILE = {
    "safeguarding": [{"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"}],
    "meeting_term": "TAC",
    "changes_need_a_second_person": "no",  # most tests have one designer, who deploys alone
}


def _person(name: str, job_title: str, *roles: str, manager: str = "", agency: str = "Northcombe Council") -> Person:
    return Person(
        name=name,
        job_title=job_title,
        agency=agency,
        team="Early help",
        email=f"{name.split(maxsplit=1)[0].lower()}@example.org",
        phone="01632 960200",
        manager=manager,
        username=name.split(maxsplit=1)[0].lower(),
        password=PASSWORD,
        roles=roles,
    )


PEOPLE = (
    _person("Ruth Adeyemi", "Team manager", "line_manager", "case_worker"),
    _person("Amara Osei", "Family support worker", "case_worker", manager="Ruth Adeyemi"),
    _person("Dele Martins", "Health visitor", "case_worker", manager="Ruth Adeyemi", agency="Northcombe NHS"),
    _person("Ines Ferreira", "CAF coordinator", "coordinator", "safeguarding_lead", "mag_member"),
    _person("Olu Bright", "Administrator", "administrator"),
    _person("Tomas Reid", "Process designer", "designer"),
)


@dataclass(slots=True)
class Service:
    """A running service: `ids` maps people's names to their practitioner ids."""

    engine: ProcessEngine
    app: Flask
    clock: Clock
    authority_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)

    def visitor(self) -> Visitor:
        """Return somebody with a browser who has not signed in."""
        return Visitor(self.app.test_client())

    def signed_in(self, username: str) -> Visitor:
        """Return the person with `username`, signed in."""
        visitor = self.visitor()
        visitor.sign_in(username)
        return visitor

    def start_case(self, given_name: str = "Sam", *, username: str = "amara", born: date = date(2018, 3, 2)) -> UUID:
        """Start a case as `username`, answer its first questions up to the family's consent, and return its id."""
        actor = self.actor(username)
        child = cases.Child(given_name=given_name, family_name="Whitlock", born_on=born)
        case_id = cases.start(self.engine, actor=actor, child=child).case_id
        for answers in (CHECKLIST, {"found": "none"}):
            (task,) = case_file.read(self.engine, actor=actor, case_id=case_id).tasks
            user_tasks.complete(self.engine, actor=actor, task_id=task.task_id, answers=dict(answers))
        return case_id

    def publish_approved(self) -> None:
        """Do what the scheduler does until everything is tried and in force whose time has come."""
        for _ in range(20):
            approved_changes.publish_due(self.app.extensions[current.ENGINE])

    def start_shared(self, given_name: str = "Sam") -> UUID:
        """Start a case whose family agrees that other agencies may know, and return its id."""
        case_id = self.start_case(given_name)
        self.agree(case_id)
        return case_id

    def agree(self, case_id: UUID) -> None:
        """Let the family of a case agree that other agencies may know."""
        said = {"purpose": "sharing", "answer": "given", "from_on": self.clock.now().date()}
        with self.engine.sessions.act() as connection:
            own = {"id": self.engine.ids.new(), "authority_id": self.authority_id, "case_id": case_id}
            connection.execute(sa.insert(consents).values(**own, **said))

    def actor(self, username: str):
        """Return who `username` is to the engine."""
        from engine.commands.sessions import sign_in

        token = sign_in(self.engine, username=username, password=PASSWORD).token
        return sessions.actor_of(self.engine, token)


class Visitor:
    """A person at a browser without JavaScript: gets pages, and posts their forms with the form's token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""
        self.status = 0
        self.says_why = "audit"
        """What a coordinator answers who is asked what they read a record for; empty to stay at the question."""

    def get(self, path: str) -> str:
        """Open `path`, following redirects, and return the page."""
        return self._take(self.client.get(path, follow_redirects=True))

    def post(self, path: str, **fields: str) -> str:
        """Send a form as the page would, with the token of a page this person may see."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page or self.get("/help"))
        fields["csrf_token"] = token.group(1) if token else ""
        return self._take(self.client.post(path, data=fields, follow_redirects=True))

    def sign_in(self, username: str, password: str = PASSWORD) -> str:
        """Sign in on the sign-in page."""
        self.get("/sign-in")
        return self.post("/sign-in", username=username, password=password)

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field on the page now shown."""
        found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', self.page)
        assert found, f"The page has no hidden field {name}"
        return unescape(found.group(1))

    def says(self, *words: str) -> bool:
        """Tell whether the page says all of `words`."""
        text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page)))
        return all(each in text for each in words)

    def _take(self, answer) -> str:
        with answer:  # closed, as it holds the file that a large upload is sent from
            self.page, self.status = answer.get_data(as_text=True), answer.status_code
        if self.page and self.says_why and answer.request.path.endswith("/look-into") and self.status == 200:
            return self.post(answer.request.path, purpose=self.says_why, next=self.hidden("next"))
        return self.page


def model_files() -> dict[str, bytes]:
    """Return every diagram, rule file and form that the product ships."""
    folders = (ROOT / "processes", ROOT / "rules")
    paths = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".bpmn", ".dmn", ".form"))
    return {path.name: path.read_bytes() for path in paths}


def furnish(engine: ProcessEngine, clock: Clock) -> Service:
    """Give an empty engine an authority, people and the product's models, and an application around it."""
    authority_id = setup.create_authority(engine, key="northcombe", name="Northcombe Council", profile=PROFILE)
    ids = setup.add_people(engine, authority_id=authority_id, new=PEOPLE)
    deployments.deploy(engine, authority_id=authority_id, files=model_files())
    return Service(engine, application(engine), clock, authority_id, ids)


class _Compiled(BytecodeCache):
    """Templates that another application of this process has compiled: that takes longer than the rest of a page."""

    kept: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.kept[bucket.key, bucket.checksum] = bucket.code


def application(engine: ProcessEngine) -> Flask:
    """Return the application round an engine."""
    app = create_app(engine)
    app.jinja_env.bytecode_cache = _Compiled()
    return app


def new_service(clock: FakeClock) -> Service:
    """Return a service on a database in memory."""
    made = _furnished(clock.now())
    engine = copy_of(made.engine, clock=clock)
    return Service(engine, _around(engine, made.app), clock, made.authority_id, dict(made.ids))


def _around(engine: ProcessEngine, app: Flask) -> Flask:
    """Return `app` round another engine with the same settings: putting its routes together outlasts most tests.

    What each keeps for itself are the engine and the settings that a view reads; who sets `WTF_CSRF_ENABLED` needs a
    whole `application`, as the extension reads it in the one it was put into.
    """
    assert engine.settings == app.extensions[current.ENGINE].settings
    again = copy(app)
    again.config = copy(app.config)
    again.extensions = {**app.extensions, current.ENGINE: guarded(engine)}
    return again


def open_service(settings: Settings, clock: Clock | None = None, *, durable: bool = True) -> Service:
    """Return a service on the SQLite file of `settings`, which is written; the machine's clock unless one is given."""
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    made = _furnished((clock or SystemClock()).now().replace(minute=0, second=0, microsecond=0))
    write_file(made.engine, path)
    engine = build_engine(settings, clock=clock, durable=durable)
    engine = replace(engine, library=as_read(made.engine.library))
    return Service(engine, application(engine), engine.clock, made.authority_id, dict(made.ids))


@cache
def _furnished(at: datetime) -> Service:
    """Deploy the models once for each process: reading them takes longer than most tests. Never changed."""
    clock = FakeClock(at)
    made = furnish(sandbox(clock=clock), clock)
    read_all(made.engine)
    return made
