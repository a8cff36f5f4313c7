"""One case, and fourteen people who each stand to it in another way: for asking every route as each of them."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.clock import FakeClock
from engine.commands import (
    attachments,
    emergency_openings,
    guidance,
    guide_files,
    local_closures,
    restrictions,
    sessions,
    setup,
)
from engine.store.tables import access, between_meetings, changes, keeping, oversight, people, record, running
from engine.store.tables import guidance as guides
from tests.unit.web.service import PASSWORD, Service, _person, application, new_service

COLUMNS: Final = MappingProxyType(
    {
        "lena": "leads",
        "milo": "is of the team",
        "bea": "manages who leads",
        "vera": "stands in for who leads",
        "otto": "manages who is of the team",
        "hugh": "manages who has a task on it, and is of no team",
        "cora": "coordinates",
        "gus": "sits on the group that it waits for",
        "finn": "led once, and was of the team while leading",
        "xan": "a stranger",
        "sana": "a safeguarding lead, no concern is open",
        "dora": "a designer",
        "abe": "an administrator",
        "": "nobody signed in",
    }
)
"""Who asks, in the order of the letters of a row, and how they stand to the case."""
FILE: Final = "a file"
"""Stands in a body for a file that is sent."""
VERSION: Final = "the version"
"""Stands in a body for the version of the task."""
LONG_AGO: Final = date(2026, 1, 5)
PEOPLE: Final = (
    _person("Bea Lamb", "Team manager", "line_manager"),
    _person("Lena Frost", "Health visitor", "case_worker", manager="Bea Lamb"),
    _person("Otto Byrne", "Head of year", "line_manager"),
    _person("Milo Reyes", "Teacher", "case_worker", manager="Otto Byrne"),
    _person("Hugh Lane", "Nursery manager", "line_manager"),
    _person("Tess Orr", "Nursery worker", "case_worker", manager="Hugh Lane"),
    _person("Vera Quill", "Health visitor", "case_worker"),
    _person("Cora Penn", "CAF coordinator", "coordinator"),
    _person("Gus Hart", "Group member", "mag_member"),
    _person("Finn Doyle", "Youth worker", "case_worker"),
    _person("Xan Moor", "Receptionist", "case_worker"),
    _person("Sana Iqbal", "Safeguarding lead", "safeguarding_lead"),
    _person("Dora Vance", "Process designer", "designer"),
    _person("Abe Stern", "Administrator", "administrator"),
)


@dataclass(slots=True)
class Standing:
    """The service, the ids that a route's address needs, and what everybody signs in with."""

    service: Service
    ids: dict[str, Any]
    tokens: dict[str, str]
    image: bytes

    def clients(self) -> FlaskClient:
        """Return a browser that sends no form's token: who may is what is asked here, not whether a page sent it."""
        self.service.app.config["WTF_CSRF_ENABLED"] = False
        return self.service.app.test_client()

    def ask(self, who: str, method: str, path: str, body: Any) -> TestResponse:
        """Ask as somebody, then put back whatever the answer changed."""
        client = self.clients()
        if body and body.get("expected_version") == VERSION:
            body = {**body, "expected_version": self.ids["version"]}
        sent: dict[str, Any] = {"method": method}
        if path.startswith("/api/"):
            if body and FILE in body:
                sent["data"] = {"file": (io.BytesIO(b"a note"), "note.txt")}
            elif body is not None or method != "GET":
                sent["json"] = body or {}
            sent["headers"] = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        else:
            sent["data"] = body or {}
            if who:
                client.set_cookie(self.service.app.config["CAF_SESSION_COOKIE"], self.tokens[who])
        answer = client.open(path, **sent)
        answer.get_data()
        # Reading leaves a line in the access log, and no more.
        if method != "GET" and answer.status_code < 400:
            self._restore()
        return answer

    def keep(self) -> None:
        """Take what the database holds now for what every answer leaves behind."""
        with self.service.engine.sessions.read() as connection:
            found = connection.connection.driver_connection
            assert isinstance(found, sqlite3.Connection)
            self.image = found.serialize()

    def _restore(self) -> None:
        with self.service.engine.sessions.read() as connection:
            found = connection.connection.driver_connection
            assert isinstance(found, sqlite3.Connection)
            found.rollback()
            found.deserialize(self.image)

    def close(self) -> None:
        """Give back the database."""
        self.service.engine.sessions.close()


def arranged(clock: FakeClock, *, restricted: bool = False, waiting_for: str = "") -> Standing:
    """Return the case with everybody in their place; a restricted one when it is to be.

    `waiting_for` is a group that a second task waits for, as it did before the case was restricted.
    """
    service = new_service(clock)
    service.app = application(service.engine)
    service.ids |= setup.add_people(service.engine, authority_id=service.authority_id, new=PEOPLE)
    case_id = service.start_case("Sam")
    ids = _Furnishing(service, case_id).furnish()
    ids["other_task_id"] = _copy_task(service, ids["task_id"], assignee_id=service.ids["Tess Orr"])
    if waiting_for:
        _copy_task(service, ids["task_id"], assignee_id=None, queue=waiting_for, candidate_groups=[waiting_for])
    tokens = {who: sessions.sign_in(service.engine, username=who, password=PASSWORD).token for who in COLUMNS if who}
    if restricted:
        restrictions.restrict(service.engine, actor=service.actor("cora"), case_id=case_id, reason="known to staff")
    with service.engine.sessions.read() as connection:
        own = running.user_tasks.c.id == ids["task_id"]
        ids["version"] = connection.execute(sa.select(running.user_tasks.c.version).where(own)).scalar_one()
        found = connection.connection.driver_connection
        assert isinstance(found, sqlite3.Connection)
        return Standing(service, ids, tokens, found.serialize())


def _copy_task(service: Service, task_id: UUID, **more: Any) -> UUID:
    """Keep the same task once more, as somebody else's."""
    id_ = service.engine.ids.new()
    with service.engine.sessions.act() as connection:
        row = connection.execute(sa.select(running.user_tasks).where(running.user_tasks.c.id == task_id)).one()
        values = {**row._mapping, "id": id_, "due_on": LONG_AGO, **more}
        connection.execute(sa.insert(running.user_tasks).values(**values))
    return id_


@dataclass(slots=True)
class _Furnishing:
    service: Service
    case_id: UUID

    def furnish(self) -> dict[str, Any]:
        """Put everybody in their place, and give the ids that addresses need by the name of their part."""
        service, person = self.service, self._person
        who = service.actor("cora")
        self._write(record.lead_professionals, practitioner_id=person("Lena Frost"), from_on=LONG_AGO)
        led = {"from_on": LONG_AGO, "to_on": LONG_AGO + timedelta(days=9)}
        for table, more in ((record.lead_professionals, {}), (record.case_members, {"role": "member"})):
            self._write(table, practitioner_id=person("Finn Doyle"), **led, **more)
        self._write(record.case_members, practitioner_id=person("Milo Reyes"), role="member", from_on=LONG_AGO)
        self._write(record.mag_referrals, referred_on=LONG_AGO)
        plan = self._write(record.action_plans, agreed_on=LONG_AGO)
        family = self._one(sa.select(record.children.c.family_id))
        absence = self._add(
            people.absences, practitioner_id=person("Lena Frost"), covered_by=person("Vera Quill"), reason="planned",
            from_on=LONG_AGO, begun_on=LONG_AGO,
        )  # fmt: skip
        task = self._one(sa.select(running.user_tasks.c.id).where(running.user_tasks.c.state == "open"))
        with service.engine.sessions.act() as connection:
            given = {"assignee_id": person("Lena Frost"), "queue": None}
            connection.execute(sa.update(running.user_tasks).where(running.user_tasks.c.id == task).values(**given))
            # Whoever started the case would be one more who assesses it.
            gone = record.case_members.c.role == "assessor"
            connection.execute(sa.delete(record.case_members).where(gone))
        emergency_openings.open_record(
            service.engine, actor=service.actor("dele"), case_id=self.case_id, reason="A neighbour rang this morning"
        )
        local_closures.close(
            service.engine, actor=service.actor("abe"), first_on=date(2026, 12, 29), name="Holiday", why="As each year"
        )
        add = {"name": "note.txt", "media_type": "text/plain", "content": b"a note"}
        return {
            "case_id": self.case_id,
            "task_id": task,
            "question": "needs",
            "token": "a guess",
            "action_id": self._write(
                record.plan_actions, plan_id=plan, action="Ring the school", owner_id=person("Lena Frost"),
                due_on=LONG_AGO, first_due_on=LONG_AGO,
            ),
            "member_id": self._add(record.family_members, family_id=family, name="Ada Whitlock"),
            "letter_id": self._write(
                record.letters, kind="plan", addressee="Ada Whitlock", subject="Plan", body="Dear Ada",
                written_on=LONG_AGO,
            ),
            "attachment_id": attachments.add(service.engine, actor=who, case_id=self.case_id, **add),
            "report_id": self._write(
                between_meetings.reports_back, written_by=person("Milo Reyes"), written_at=service.clock.now(),
                report="Met Sam at the gate",
            ),
            "worry_id": self._write(
                between_meetings.family_worries, written_by=person("Milo Reyes"), said_on=LONG_AGO,
                worry="Nobody rings",
            ),
            "contradiction_id": UUID(int=8),
            "audit_id": (audit := self._audit()),
            "audit_case_id": self._write(oversight.audit_cases, audit_id=audit, place=1),
            "batch_id": UUID(int=9),
            "rehearsal_id": UUID(int=13),
            "proposal_id": UUID(int=15),
            "number": "1",
            "team_id": UUID(int=12),
            "named": "1b5e57-own",
            "what_id": task,
            "timer_id": UUID(int=10),
            "instance_id": UUID(int=11),
            "handover_id": self._handover(),
            "event_id": self._one(
                sa.select(keeping.history.c.id).where(keeping.history.c.case_id == self.case_id).limit(1)
            ),
            "opening_id": self._one(sa.select(access.emergency_openings.c.id)),
            "absence_id": absence,
            "closure_id": self._one(sa.select(people.local_closures.c.id)),
            "incident_id": self._add(
                running.incidents, case_id=self.case_id, kind="effect", message="could not be judged",
                opened_at=service.clock.now(),
            ),
            "practitioner_id": person("Lena Frost"),
            "definition_id": self._definition("process"),
            "form_id": self._definition("form"),
            "list_id": UUID(int=7),
            "key": guidance.keep_text(
                service.engine, actor=service.actor("abe"), text="Ring first.", title="House rules"
            ),
            "edition": "1",
            "file_id": guide_files.add(
                service.engine, actor=service.actor("abe"), title="House rules", about="", name="rules.pdf",
                content=b"%PDF-1.7 %%EOF",
            ),
            "copies_id": self._add(
                guides.guide_copies, guide_key="steps", title="Steps", copies=2, send_to="The school",
                asked_by=person("Lena Frost"), asked_at=service.clock.now(),
            ),
            "training_id": self._add(
                guides.trainings, practitioner_id=person("Lena Frost"), title="Leading", done_on=LONG_AGO,
                recorded_by=person("Lena Frost"), recorded_at=service.clock.now(),
            ),
            "process_key": "professional_disagreement",
            "decision": "escalation",
            "revision": "1",
        }  # fmt: skip

    def _handover(self) -> UUID:
        """Keep a handover that was called off, with what its successor read."""
        successor = {"successor_id": self._person("Finn Doyle"), "cause": "planned"}
        days = dict.fromkeys(("planned_on", "proposed_on", "ended_on"), LONG_AGO)
        id_ = self._write(changes.handovers, **successor, **days)
        said = {"version": 1, "written_at": self.service.clock.now(), "sections": {"note": "Ring first"}}
        self._write(changes.handover_summaries, handover_id=id_, **said)
        return id_

    def _person(self, name: str) -> UUID:
        return self.service.ids[name]

    def _audit(self) -> UUID:
        """Keep a sample that the coordinator drew."""
        drawn = {"name": "Autumn", "seed": "7", "drawn_from": 1, "drawn_from_digest": "0"}
        return self._add(oversight.audits, made_by=self._person("Cora Penn"), made_at=self.service.clock.now(), **drawn)

    def _write(self, table: sa.Table, **values: Any) -> UUID:
        return self._add(table, case_id=self.case_id, **values)

    def _add(self, table: sa.Table, **values: Any) -> UUID:
        id_ = self.service.engine.ids.new()
        row = {"id": id_, "authority_id": self.service.authority_id, **values}
        with self.service.engine.sessions.act() as connection:
            connection.execute(sa.insert(table).values(**row))
        return id_

    def _definition(self, kind: str) -> UUID:
        return self._one(sa.select(running.definitions.c.id).where(running.definitions.c.kind == kind))

    def _one(self, query: sa.Select[Any]) -> Any:
        with self.service.engine.sessions.read() as connection:
            return connection.execute(query).scalars().first()


def routes(standing: Standing) -> Iterator[tuple[str, str, str]]:
    """Give every route as (method, its pattern, an address of it)."""
    for rule in sorted(standing.service.app.url_map.iter_rules(), key=lambda each: each.rule):
        if rule.endpoint == "static":
            continue
        with standing.service.app.test_request_context():
            values = {name: standing.ids[name] for name in rule.arguments - set(rule.defaults or ())}
        path = rule.rule
        for name, value in values.items():
            path = path.replace(f"<uuid:{name}>", str(value)).replace(f"<{name}>", str(value))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, rule.rule.replace("<uuid:", "<"), path
