"""An authority that says TAF: no page, message or answer of the API says TAC, but for what persons typed themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import flask
import pytest
import sqlalchemy as sa

from engine.commands import setup
from engine.scheduler import tick
from engine.store.tables.keeping import outbox
from engine.store.tables.running import user_tasks
from tests.unit.web.player import NO_ACTIONS
from tests.unit.web.service import PROFILE
from tests.unit.web.workers import Worker, day

STANDARD = re.compile(r"\bTACs?\b|[Tt]eams? around the child")
NOT_OURS_TO_SAY = re.compile(r'<option value="[^"]*"|CWDC, lead professional and team around the child')
"""What nobody reads, and the title of what a page of guidance was written from: that stays as it was published."""
TYPED = "We call it a TAC here, and the team around the child agrees"


@pytest.fixture
def answers(service):
    """Set the authority's term to TAF and gather all that is answered, by address."""
    setup.set_profile(service.engine, authority_id=service.authority_id, profile={**PROFILE, "meeting_term": "TAF"})
    gathered = []

    def keep(_sender, response, **_more):
        if response.direct_passthrough or response.mimetype not in ("text/html", "application/json", "application/xml"):
            return
        gathered.append((flask.request.path, response.get_data(as_text=True)))

    with flask.request_finished.connected_to(keep, service.app):
        yield gathered


def test_a_case_is_walked_without_the_standard_term(service, answers):
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    ids = {name: str(id_) for name, id_ in service.ids.items()}
    amara, dele = Worker(service, "amara"), Worker(service, "dele")
    _to_the_plan(service, amara, dele, today, ids)
    _look_round(service, case_id)
    service.clock.advance(timedelta(weeks=6))
    tick(service.engine, _Nowhere())
    _look_round(service, case_id)
    read = [(path, NOT_OURS_TO_SAY.sub("", text.replace(TYPED, ""))) for path, text in answers]
    wrong = [(path, said) for path, text in read if (said := STANDARD.findall(text))]
    assert wrong == []
    assert any(TYPED in text for _, text in answers)
    assert sum("TAF" in text for _, text in answers) > 10
    with service.engine.sessions.read() as connection:
        mails = connection.execute(sa.select(outbox.c.subject, outbox.c.body)).all()
        kept = set(connection.execute(sa.select(user_tasks.c.name)).scalars())
    assert mails and not [mail for mail in mails if STANDARD.search(f"{mail.subject} {mail.body}")]
    assert "Hold the TAC meeting" in kept


def _to_the_plan(service, amara, dele, today, ids):
    amara.does("Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", today))
    told = {"strengths": TYPED, "needs": "Calm mornings", "conclusions": "A plan would help", "signed_by": "Jo"}
    amara.does("Complete the assessment", **told, **day("completed_on", today))
    chosen = {"family_wishes": "Amara", "reasons": "Trusted", "lead_professional": ids["Amara Osei"]}
    amara.does("Choose the lead professional", **chosen)
    # Long enough for the rules to say that no meeting was held.
    service.clock.advance(timedelta(weeks=7))
    tick(service.engine, _Nowhere())
    _look_round(service, None)
    meeting = service.clock.now().date() + timedelta(days=14)
    arranged = {"starts_at": "4pm", "venue": "Hill Road School", "invited": [ids["Dele Martins"]], "agenda": TYPED}
    amara.does("Arrange the TAF meeting", **arranged, **day("planned_on", meeting))
    dele.does("Reply to the invitation", reply="attending")
    service.clock.advance(timedelta(days=25))
    tick(service.engine, _Nowhere())
    _look_round(service, None)
    held = {"family_came": "yes", "attended": [ids["Dele Martins"]], "notes": TYPED, **NO_ACTIONS}
    held |= day("next_on", meeting + timedelta(days=42))
    amara.does("Hold the TAF meeting", **held, **day("held_on", meeting))
    due = day("due_on", service.clock.now().date() + timedelta(days=14))
    amara.does(
        "Agree the action plan",
        **{"outcomes-count": "1", "outcomes-0-outcome": TYPED, "actions-count": "1"},
        **{"actions-0-outcome": TYPED, "actions-0-action": TYPED, "actions-0-owner": ids["Dele Martins"]},
        **{f"actions-0-{name}": value for name, value in due.items()},
    )


def _look_round(service, case_id):
    """Open the pages of the day, every task, the case and its drawings, and ask the API for the same."""
    for username in ("amara", "ruth", "ines"):
        visitor = service.signed_in(username)
        for path in ("/tasks", "/tasks?whose=unclaimed", "/cases", "/overdue", "/mag", "/help", "/cases/start"):
            visitor.get(path)
            for task in set(re.findall(r'href="(/tasks/[0-9a-f-]{36})"', visitor.page)):
                visitor.get(task)
        _ask(service, username, "/api/tasks", "/api/cases")
        if case_id is not None:
            page = visitor.get(f"/cases/{case_id}")
            found = set(re.findall(r'"(/cases/[0-9a-f-]{36}/start/\w+|/definitions/[0-9a-f-]{36}/diagram.bpmn)"', page))
            assert any("diagram" in path for path in found)
            for path in (*sorted(found), f"/cases/{case_id}/history", f"/cases/{case_id}/consent"):
                visitor.get(path)
            _ask(service, username, f"/api/cases/{case_id}", f"/api/cases/{case_id}/startable")


def _ask(service, username, *paths):
    """Ask the API, and for every task named in an answer also for the task and what it asks."""
    from tests.unit.web.service import PASSWORD

    client = service.app.test_client()
    token = client.post("/api/session", json={"username": username, "password": PASSWORD}).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in paths:
        text = client.get(path, headers=headers).get_data(as_text=True)
        for task in set(re.findall(r'"task_id":\s*"([0-9a-f-]{36})"', text)):
            client.get(f"/api/tasks/{task}", headers=headers)
            client.get(f"/api/tasks/{task}/schema", headers=headers)


class _Nowhere:
    """Takes messages and keeps none."""

    def send(self, message):
        """Let a message go."""
