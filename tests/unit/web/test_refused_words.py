"""What somebody typed and sent and was refused is shown to them again, in its form or below what the page says."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from engine.store.tables.record import cases
from tests.unit.web.player import Play
from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import day

WORDS = "What I typed & meant,\r\nline by line"
SHOWN = " ".join(WORDS.split())
LONG = "Words upon words. " * 4_000

# An address and the field of its words. `any` is a thing that is not there, or not the reader's.
TEXTS = (
    ("/cases/{case}/comments", "comment"),
    ("/cases/{case}/between-meetings/reports", "report"),
    ("/cases/{case}/between-meetings/reports/{any}", "answer"),
    ("/cases/{case}/between-meetings/worries", "worry"),
    ("/cases/{case}/between-meetings/worries/{any}", "answer"),
    ("/cases/{case}/between-meetings/messages", "body"),
    ("/cases/{case}/actions/{any}", "progress"),
    ("/cases/{case}/actions/{any}/contradictions", "note"),
    ("/cases/{case}/contradictions/{any}", "how-{any}"),
    ("/cases/{case}/stuck", "why"),
    ("/cases/{case}/consent", "why"),
    ("/cases/{case}/consent/mag", "mag_why"),
    ("/cases/{case}/dates", "why"),
    ("/cases/{case}/family", "address"),
    ("/cases/{case}/child", "address"),
    ("/cases/{case}/birth", "given_name"),
    ("/cases/{case}/interim-lead", "reasons"),
    ("/cases/{case}/oversight", "decided"),
    ("/cases/{case}/chronology/{any}", "reason"),
    ("/cases/{case}/files/{any}/remove", "why-{any}"),
    ("/cases/{case}/running/{any}", "why"),
    ("/cases/{case}/start/handover", "reasons"),
    ("/cases/{case}/for-the-other-area", "why"),
    ("/cases/{case}/letters/{any}/change", "body"),
    ("/cases/{case}/letters/{any}/overrule", "why"),
    ("/cases/{case}/handover-summaries/{any}/change", "note"),
    ("/tasks/{any}", "given_by"),
    ("/tasks/{any}/comments", "comment"),
    ("/tasks/{any}/answers/given_by", "why"),
)


@pytest.fixture
def play(service):
    return Play(service)


@pytest.mark.parametrize(("path", "field"), TEXTS)
def test_who_may_not_write_there_any_more_is_shown_their_words_and_nothing_else(service, path, field):
    case_id, nothing = service.start_case("Sam"), service.engine.ids.new()
    dele = service.signed_in("dele")
    dele.post(path.format(case=case_id, any=nothing), **{field.format(any=nothing): WORDS}, act="complete")
    assert dele.status in (403, 404) and dele.says("What you typed", SHOWN), dele.page
    assert not dele.says("Sam") and str(nothing) not in dele.page.split("<main")[1]


PLACES = (
    ("/comments", "", "comment", {}),
    ("/between-meetings/reports", "/between-meetings", "report", {}),
    ("/between-meetings/worries", "/between-meetings", "worry", {"member_id": "child"}),
    ("/between-meetings/messages", "/between-meetings", "body", {}),
    ("/stuck", "", "why", {"reason": "not_progressing"}),
    ("/dates", "/dates", "why", {}),
    ("/family", "/family", "address", {"name": "Grace", "relationship": "Aunt", "told": "undecided"}),
    ("/child", "/child", "address", {"given_name": "Sam", "family_name": "Whitlock", "sex": "unknown"}),
)


@pytest.mark.parametrize(("path", "page", "field", "more"), PLACES)
def test_what_is_too_long_or_lacks_something_stands_in_its_field_again(play, path, page, field, more):
    case = f"/cases/{play.planned()}"
    amara = play.sends("amara", f"{case}{path}", page=f"{case}{page}", **{field: LONG}, **more)
    box = re.search(rf'<(?:textarea|input)[^>]*name="{field}"[^>]*>([^<]*)', amara.page)
    assert amara.status == 422 and box and LONG.strip() in unescape(box[0]), amara.page[:3000]
    assert not amara.says("It is not kept. Copy what you need from here")


def test_a_page_sent_before_with_other_words_has_them_in_its_form_and_may_be_sent_as_new(play):
    page = f"/cases/{play.planned()}/between-meetings"
    amara = play.at("amara", page)
    key = {"request_key": f"{amara.hidden('request_key')}"}
    amara.post(f"{page}/reports", report="The first words", **key)
    amara.post(f"{page}/reports", report=WORDS, **key)
    assert amara.status == 409 and amara.says("You sent this page before, and it says something else now", SHOWN)
    amara.post(f"{page}/reports", report=WORDS, request_key=amara.hidden("request_key"))
    assert amara.status == 200 and amara.says("The first words", SHOWN)


def test_words_whose_form_has_gone_meanwhile_stand_below_the_page(play):
    page = f"/cases/{play.planned()}/between-meetings"
    play.sends("amara", f"{page}/worries", page=page, worry="The bus is late", member_id="child")
    first, second = play.at("amara", page), play.at("amara", page)
    path, field = re.search(rf'({page}/worries/[0-9a-f-]+)"', first.page)[1], "answer"
    first.post(path, **{field: "Rang them"})
    second.post(path, **{field: WORDS})
    assert second.status == 409 and second.says("The family was answered about this already")
    assert second.says("What you typed", "Answer", SHOWN)


def test_what_was_said_of_a_late_case_that_closed_meanwhile_is_given_back(play):
    case_id = play.planned()
    play.days_pass(90)
    ruth = play.at("ruth", f"/overdue/{case_id}/answer")
    assert ruth.status == 200
    with play.service.engine.sessions.act() as connection:
        closed = {"closed_on": play.today, "closure_reason": "moved"}
        connection.execute(sa.update(cases).where(cases.c.id == case_id).values(**closed))
    ruth.post(f"/overdue/{case_id}/answer", said=WORDS)
    assert ruth.status in (404, 409) and ruth.says(SHOWN)


def test_a_personal_question_that_the_familys_consent_keeps_from_who_was_asked_gives_their_words_back(play):
    case_id = play.assessed("Kit")
    asked = {"family_wishes": "Dele", "lead_professional": play.ids["dele"], "reasons": "Trusted"}
    play.of("amara").does("Choose the lead professional", **asked)
    dele = play.at("dele", "/tasks")
    (path,) = re.findall(r'href="(/tasks/[0-9a-f-]{36})">Will you lead\?</a>', dele.page)
    dele.get(path)
    sent = {name: dele.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    ruth = play.at("ruth", path)
    assert ruth.says("Only they can answer: ask them to", "a CAF coordinator records that they decline")
    ruth.post(f"{path}/hand-back")
    assert ruth.status == 403 and ruth.says("Only Dele Martins can answer this. Ask them to.", "is asked.")
    page = f"/cases/{case_id}/consent"
    amara = play.sends("amara", page, why="They changed their mind", taken_back_by="Tess Whitlock")
    assert amara.status == 200
    dele.post(f"{path}/draft", lead_answer="declined", reason=WORDS)
    assert dele.status == 404, "nothing is kept of who is kept from the case"
    dele.get("/help")
    for act in ("draft", "complete"):
        dele.post(path, act=act, lead_answer="declined", reason=WORDS, **sent)
        assert dele.status == 404 and dele.says("What you typed", "Reason", SHOWN) and not dele.says("Kit")
        assert dele.says("This could not be done", "it may have been withdrawn", "Who leads the case can say more.")


def test_a_coordinator_who_is_asked_what_for_as_they_send_goes_on_with_what_they_typed(service):
    case_id = service.start_case("Sam")
    ines = service.signed_in("ines")
    ines.get(f"/cases/{case_id}")
    path = re.search(r"/tasks/[0-9a-f-]{36}", ines.page)[0]
    ines.get(path)
    key = ines.hidden("request_key")
    service.clock.advance(timedelta(days=1))
    ines.says_why = ""
    ines.post("/sign-in", username="ines", password=PASSWORD)
    ines.get("/help")
    ines.post(f"{path}/comments", comment=WORDS, request_key=key)
    assert ines.status == 403 and ines.says("What do you read this record for?", "What you typed is kept")
    assert "meant" not in ines.page, "it is locked"
    carried = {name: ines.hidden(name) for name in ("next", "carried")}
    ines.post(f"/cases/{case_id}/look-into", purpose="", **carried)
    assert ines.status == 422 and ines.hidden("carried") == carried["carried"]
    ines.post(f"/cases/{case_id}/look-into", purpose="audit", **carried)
    assert ines.says("Carry on where you were") and f'action="{path}/comments"' in ines.page
    ines.post(f"{path}/comments", comment=unescape(ines.hidden("comment")), request_key=ines.hidden("request_key"))
    assert ines.status == 200 and ines.says("Your comment is kept", SHOWN)


def test_neither_a_password_nor_what_another_site_sends_is_ever_shown(service):
    amara = service.signed_in("amara")
    amara.get("/account")
    phrase = "three words together now"
    amara.post("/account/password", present="not the right one", new=phrase, again=phrase)
    assert amara.status == 422 and phrase not in amara.page and "not the right one" not in amara.page
    nobody = service.visitor()
    nobody.client.post("/reply/none", data={"note": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
    answer = nobody.client.post("/reply/none", data={"note": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400 and "What you typed" not in answer.text


def test_a_letter_that_is_too_long_says_so_to_its_page_and_in_its_form(play):
    case_id = play.led("Robin")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    amara = play.at("amara", f"/cases/{case_id}/letters")
    letter = re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", amara.page)[0]
    amara.get(f"{letter}/change")
    sent = {"draft_base": amara.hidden("draft_base"), "subject": "A meeting", "body": LONG}
    amara.post(f"{letter}/draft", **sent)
    assert amara.status == 422 and "Use at most" in amara.page and '"wrong"' in amara.page
    amara.get(f"{letter}/change")
    amara.post(f"{letter}/change", **sent)
    assert amara.status == 422 and LONG.strip() in unescape(amara.page)
    assert amara.says("Not saved: what you typed is on this page only") and "data-caf-unsaved" in amara.page
