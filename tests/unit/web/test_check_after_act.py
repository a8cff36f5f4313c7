"""What an act means for a plan's reasons is known on the very next page, and never in the way of the act."""

import re
from datetime import timedelta

import sqlalchemy as sa

from engine.commands import escalation
from engine.scheduler import tick
from engine.store.tables import record, running
from tests.unit.web.workers import Worker, day
from tests.worlds import Mailbox


def assess(service):
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    amara = Worker(service, "amara")
    amara.does("Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", today))
    content = {"strengths": "Close family", "needs": "Calm mornings", "conclusions": "A plan would help"}
    content |= {"signed_by": "Jo"}
    amara.does("Complete the assessment", **content, **day("completed_on", today))
    return case_id, amara


def choose_a_lead(service, amara):
    lead = str(service.ids["Amara Osei"])
    amara.does("Choose the lead professional", family_wishes="Amara", reasons="Trusted", lead_professional=lead)


def move(service, case_id):
    moved = sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1)
    with service.engine.sessions.act() as connection:
        connection.execute(moved)


def reasons(service, case_id):
    with service.engine.sessions.read() as connection:
        open_ = sa.select(record.escalations.c.reason).where(
            record.escalations.c.case_id == case_id, record.escalations.c.ended_on.is_(None)
        )
        return set(connection.execute(open_).scalars())


def unchecked(service, case_id):
    with service.engine.sessions.read() as connection:
        versions = sa.select(record.cases.c.version, record.cases.c.checked_version)
        version, checked = connection.execute(versions.where(record.cases.c.id == case_id)).one()
    return version != checked


def three_weeks_later(service):
    for _ in range(21):
        service.clock.advance(timedelta(days=1))
        tick(service.engine, Mailbox())


def test_a_lead_chosen_on_a_page_ends_the_reason_before_the_next_page(service):
    case_id, amara = assess(service)
    three_weeks_later(service)
    assert {"nobody_leads", "lead_away"} <= reasons(service, case_id)
    choose_a_lead(service, amara)
    assert not {"nobody_leads", "lead_away"} & reasons(service, case_id)
    assert not unchecked(service, case_id)


def test_an_act_is_answered_before_its_case_is_judged_and_the_next_page_after(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    page = re.search(r'href="(/tasks/[0-9a-f-]+)"', visitor.get("/tasks")).group(1)
    visitor.get(page)
    said = {name: visitor.hidden(name) for name in ("csrf_token", "request_key")} | {"comment": "Rang the school"}
    answered = visitor.client.post(f"{page}/comments", data=said)
    assert answered.status_code == 303 and unchecked(service, case_id)
    service.signed_in("ruth").get("/tasks")
    assert not unchecked(service, case_id)


def test_a_page_for_nobody_judges_nothing(service):
    case_id, _ = assess(service)
    move(service, case_id)
    service.visitor().get("/sign-in")
    assert unchecked(service, case_id)


def test_the_case_that_a_page_is_about_is_judged_before_it_however_many_have_moved(service, monkeypatch):
    _, (first, last) = assess(service), sorted(service.start_case(name) for name in ("Ada", "Bea"))
    move(service, first)
    move(service, last)
    monkeypatch.setattr(escalation, "BEFORE_A_PAGE", 1)
    escalation.check_shown(service.engine, case_id=last)
    assert not unchecked(service, last)


def test_rules_that_are_not_there_do_not_make_an_error_of_the_act(service):
    case_id, amara = assess(service)
    definitions = running.definitions
    with service.engine.sessions.act() as connection:
        connection.execute(sa.update(definitions).where(definitions.c.kind == "rules").values(uses={"decisions": []}))
        connection.execute(sa.text("UPDATE authorities SET version = version + 1"))
    choose_a_lead(service, amara)
    assert unchecked(service, case_id)
    with service.engine.sessions.read() as connection:
        whole = running.incidents.c.case_id.is_(None)  # what the diagram could not work out is the case's own
        (incident,) = connection.execute(sa.select(running.incidents).where(whole)).all()
    assert "escalation" in incident.message


def test_what_was_not_judged_before_a_page_is_judged_at_the_next_tick(service):
    case_id, _ = assess(service)
    three_weeks_later(service)
    with service.engine.sessions.act() as connection:  # as a crash straight after the act leaves it
        people = record.lead_professionals
        connection.execute(
            sa.insert(people).values(
                id=service.engine.ids.new(), authority_id=service.authority_id, case_id=case_id,
                practitioner_id=service.ids["Amara Osei"], from_on=service.clock.now().date(),
            )
        )  # fmt: skip
    move(service, case_id)
    assert "nobody_leads" in reasons(service, case_id)
    tick(service.engine, Mailbox())
    assert "nobody_leads" not in reasons(service, case_id)
