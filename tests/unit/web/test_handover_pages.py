"""A handover as people meet it: proposed on the case page, told, accepted, and the page says who leads."""

import re
from datetime import timedelta

import orjson

from engine.commands import contradictions
from tests.unit.web.player import Play
from tests.unit.web.test_my_work_pages import add_action
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


def asked(visitor, task):
    (path,) = re.findall(rf'href="(/tasks/[0-9a-f-]+)">{re.escape(task)}</a>', visitor.get("/tasks"))
    visitor.get(path)
    return visitor


def test_the_lead_moves_on_the_chosen_day_and_every_page_says_so(service):
    case_id = Play(service).led()
    today = service.clock.now().date()
    visitor = propose(service, case_id, today)
    assert visitor.says("“Hand over the lead” has begun.")
    assert visitor.says("Handover to Dele Martins proposed on", "not answered yet", "Dele Martins was proposed to lead")
    visitor.get(f"/cases/{case_id}/handover-summaries")
    assert visitor.says("The task “Arrange the TAC meeting”, by ")
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


def test_the_successor_reads_a_summary_from_the_record_that_the_lead_has_put_right(service):
    play = Play(service)
    case_id, today = play.planned(owner="amara"), service.clock.now().date()
    between = f"/cases/{case_id}/between-meetings"
    play.sends("dele", f"{between}/reports", page=between, report="Sam was at school every day", needs="A lift")
    first, second = (add_action(service, case_id, "Amara Osei", words, due_in=9) for words in ("Rest", "Run"))
    both = {"action_id": first, "other_id": second, "note": "He cannot do both"}
    contradictions.mark(service.engine, actor=service.actor("amara"), case_id=case_id, **both)
    amara = propose(service, case_id, today)
    amara.get(f"/cases/{case_id}/handover-summaries")
    assert amara.says("As the service put it together", "I move to another team", "The plan", "Nothing is late.")
    assert amara.says("Dele Martins reads it before answering", "No concern is open", "born on 2 March 2018")
    assert amara.says("Dele Martins: Sam was at school every day. They need: A lift. Not read yet.")
    assert amara.says("These work against each other: “Rest” and “Run”. He cannot do both.")
    (path,) = set(re.findall(r'href="([^"]+/change)"', amara.page))
    amara.get(path)
    seen = amara.hidden("draft_base")
    # As its page saves it while somebody types: one version, whose words the next ones take the place of.
    by_itself = path.removesuffix("change") + "draft"
    for typed in ("Ring bef", "Ring before you call"):
        amara.get(path)
        amara.post(by_itself, draft_base=amara.hidden("draft_base"), note=typed)
        seen = orjson.loads(amara.page)["base"]
    amara.get(path)
    assert seen == amara.hidden("draft_base") == "2" and amara.says("Ring before you call", "Saved ")
    amara.post(path, draft_base=seen, note="Ring before you call: the dog.", late="")
    assert amara.says("As Amara Osei left it", "Ring before you call: the dog.")
    assert not amara.says("Nothing is late.")
    amara.get(path)
    amara.post(path, draft_base=seen, note="Something else")
    assert amara.status == 409 and "Something else" in amara.page
    amara.post(by_itself, draft_base=seen, note="Something else")
    assert amara.status == 409 and "Somebody changed this summary" in amara.page
    amara.get(path)
    amara.post(path, draft_base=seen, note="x" * 10_001)
    assert amara.status == 422 and amara.says("Use at most 10,000 characters", "what you typed is on this page only")
    amara.post(by_itself, draft_base=seen, note="x" * 10_001)
    assert amara.status == 422 and orjson.loads(amara.page) == {"wrong": "Use at most 10,000 characters"}
    amara.get(path)
    told = {"family_agrees": "yes", "family_view": "We know Dele", **day("told_on", today)}
    asked(amara, "Tell the family")
    assert amara.says("Summary for who leads next", "write what they should know first")
    Worker(service, "amara").does("Tell the family", **told)
    dele = asked(service.signed_in("dele"), "Will you lead?")
    assert dele.says(f"The day that was chosen {today:%A} {today.day} {today:%B}")
    assert dele.says("about who is to lead next: We know Dele")
    assert dele.says("What to know first", "Ring before you call: the dog.", "What comes next")
    amara.get(path)
    amara.post(path, act="renew", draft_base=amara.hidden("draft_base"), note="Ring before you call: the dog bites.")
    assert amara.says("Nothing is late.", "Ring before you call: the dog bites."), "what was typed is kept first"
    Worker(service, "dele").does("Will you lead?", handover_answer="accepted")
    page = service.signed_in("dele")
    page.get(f"/cases/{case_id}/handover-summaries")
    assert page.says("It is kept as it was then.", "Ring before you call: the dog bites.")
    page.get(path)
    assert page.says("It is kept as it was then.")
    page.post(path, draft_base="3", note="Too late")
    assert page.status == 409
    nobody = service.signed_in("tomas")
    nobody.get(f"/cases/{case_id}/handover-summaries")
    assert nobody.status == 404
