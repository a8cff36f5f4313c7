"""The family's letters on the pages and in the API; the checklist of a meeting that an authority sets."""

from __future__ import annotations

import re

import pytest

from tests.unit.web.player import NO_ACTIONS, Play
from tests.unit.web.test_json_api import Program
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


@pytest.fixture
def case_id(play):
    """A meeting for today is arranged; the mother, who has no e-mail address, is asked to it."""
    id_ = play.led("Sam")
    mother = {"name": "Tess Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{id_}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    return id_


def test_a_letter_is_printed_and_handed_over(service, play, case_id):
    amara = service.signed_in("amara")
    amara.get(f"/cases/{case_id}")
    assert amara.says("Tess Whitlock", "asked, no answer yet", "Letters to the family")
    amara.get(f"/cases/{case_id}/letters")
    letter = re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", amara.page).group()
    amara.get(letter)
    assert amara.says("Dear Tess Whitlock,", "Hill Road School", "You may bring somebody you trust")
    amara.post(f"{letter}/sent")
    assert amara.status == 422
    amara.get(letter)
    amara.post(f"{letter}/sent", how="hand")
    amara.get(f"/cases/{case_id}/letters")
    assert amara.says("Handed over")


def test_who_records_the_family_s_answers_finds_the_letters_from_the_task(play, case_id):
    amara = play.at("amara", "/tasks")
    row = re.search(r'href="(/tasks/[0-9a-f-]+)">Record what the family answers</a>', amara.page)
    amara.get(row.group(1))
    assert f'href="/cases/{case_id}/letters"' in amara.page
    amara.get(f"/cases/{case_id}/letters")
    assert amara.says("Which letters has the family had?", "Tess Whitlock", "Written ")


def test_a_meeting_cannot_end_without_a_next_date(play, case_id):
    amara = play.of("amara")
    held = {"family_came": "yes", "attended": [play.ids["dele"]], "notes": "Sam spoke first", **NO_ACTIONS}
    with pytest.raises(AssertionError):
        amara.does("Hold the TAC meeting", **held, **day("held_on", play.today))
    assert play.has_task("amara", "Hold the TAC meeting")


def test_programs_read_letters_and_mark_them_sent(service, case_id):
    amara, dele = Program(service, "amara"), Program(service, "dele")
    (letter,) = amara("GET", f"/cases/{case_id}/letters").json["items"]
    assert (letter["addressee"], letter["sent_by"], letter["waits"]) == ("Tess Whitlock", "", True)
    sent = f"/cases/{case_id}/letters/{letter['letter_id']}/sent"
    assert amara("POST", sent, json={"how": "pigeon"}).status_code == 422
    assert dele("POST", sent, json={"how": "post"}).status_code in (403, 404)
    assert amara("POST", sent, json={"how": "post"}).status_code == 204
    (letter,) = amara("GET", f"/cases/{case_id}/letters").json["items"]
    assert (letter["sent_by"], letter["waits"]) == ("post", False)


def test_the_checklist_is_the_authority_s_own_on_the_forms_and_kept_with_the_meeting(service, play):
    olu = service.signed_in("olu")
    olu.get("/authority")
    assert olu.says("The checklist of a TAC meeting", "Everybody is invited in writing")
    settings = {"name": "Northcombe Borough", "nation": "england-and-wales", "meeting_term": "TAC"}
    olu.post("/authority", **settings, checklist_before="The room has toys\nThe room has toys")
    assert olu.status == 422 and olu.says("The same line stands there twice")
    olu.get("/authority")
    olu.post("/authority", **settings, checklist_before="The room has toys\nThe bus goes there")
    assert "The room has toys\nThe bus goes there" in olu.page
    id_ = play.led("Sam")
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="School", invited=[play.ids["dele"]],
        before=["The room has toys"], **day("planned_on", play.today),
    )  # fmt: skip
    play.reads("amara", id_, "The room has toys: done", "The bus goes there: not ticked")
