"""A handover as people meet it: proposed on the case page, told, accepted, and the page says who leads."""

from datetime import timedelta

from tests.unit.web.player import Play
from tests.unit.web.workers import Worker, day


def propose(service, case_id, on):
    visitor = service.signed_in("amara")
    path = f"/cases/{case_id}/start/handover"
    visitor.get(path)
    visitor.post(
        path, act="start", request_key=visitor.hidden("request_key"), successor=str(service.ids["Dele Martins"]),
        reasons="I move to another team", **day("planned_on", on),
    )  # fmt: skip
    return visitor


def test_the_lead_moves_on_the_chosen_day_and_every_page_says_so(service):
    case_id = Play(service).led()
    today = service.clock.now().date()
    visitor = propose(service, case_id, today)
    assert visitor.says("“Hand over the lead” has begun.")
    assert visitor.says("Handover to Dele Martins proposed on", "not answered yet", "Dele Martins was proposed to lead")
    told = {"family_agrees": "yes", "family_view": "We know Dele", **day("told_on", today)}
    Worker(service, "amara").does("Tell the family", **told)
    Worker(service, "dele").does("Will you lead?", handover_answer="accepted")
    page = service.signed_in("dele")
    page.get(f"/cases/{case_id}")
    assert page.says("Who leads Dele Martins, since", "The lead was handed over to Dele Martins")
    assert not page.says("Handover to Dele Martins proposed")
    page.get("/tasks")
    assert page.says("Arrange the TAC meeting")


def test_until_then_the_old_lead_stays_and_a_day_that_is_over_is_refused(service):
    case_id = Play(service).led()
    today = service.clock.now().date()
    visitor = propose(service, case_id, today - timedelta(days=1))
    assert visitor.status == 422
    assert visitor.says("There is a problem", "The day of the handover must be")
    assert "I move to another team" in visitor.page
    propose(service, case_id, today + timedelta(days=10))
    Worker(service, "amara").does(
        "Tell the family", family_agrees="yes", family_view="Fine", **day("told_on", today)
    )
    Worker(service, "dele").does("Will you lead?", handover_answer="accepted")
    page = service.signed_in("amara")
    page.get(f"/cases/{case_id}")
    assert page.says("Who leads Amara Osei, since", "accepted")
