"""Consent withdrawn, limited and asked for again, on the pages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.unit.web.player import Play, day


@pytest.fixture
def play(service):
    return Play(service)


def asks_again(play, case_id, **answers):
    """Fill in the page that asks the family again, and return what is shown then."""
    path = f"/cases/{case_id}/start/ask_consent_again"
    given = {"given_by": "Tess Whitlock", **day("signed_on", play.today), **answers}
    visitor = play.at("amara", path)
    visitor.post(path, act="start", request_key=visitor.hidden("request_key"), **given)
    return visitor


def agency(play, case_id, name):
    page = play.at("amara", f"/cases/{case_id}/start/ask_consent_again").page
    found = re.search(rf'name="agencies"[^>]*value="([^"]+)"[^>]*>\s*<label[^>]*>\s*{name}', page)
    assert found, "the agencies are boxes to tick"
    return found[1]


def test_the_consent_is_asked_again_with_boxes_and_binds_at_once(play):
    case_id = play.planned()
    play.reads("dele", case_id, "Meet Sam at the gate")
    play.reads("amara", case_id, "Ask the family about consent again")
    council = agency(play, case_id, "Northcombe Council")
    part = {"consent": "limited", "scope": "Not the health visitor", "agencies": council, "kinds": ["plan", "notes"]}
    asks_again(play, case_id, **part)
    play.reads("amara", case_id, "Only with Northcombe Council. The plan, and how it goes and the notes of meetings")
    assert play.at("dele", f"/cases/{case_id}").status == 404
    page = play.at("amara", f"/cases/{case_id}/start/ask_consent_again").page
    assert re.search(rf'value="{council}"[^>]*checked', page), "what was agreed is ticked already"
    asks_again(play, case_id, consent="given")
    play.reads("dele", case_id, "Sam")


def test_a_refusal_that_would_take_consent_back_leads_to_where_that_is_recorded(play):
    case_id = play.planned()
    visitor = asks_again(play, case_id, consent="refused", reason="Not with the school")
    assert visitor.status == 422 and visitor.says("This would take their consent back")
    assert f'href="/cases/{case_id}/consent"' in visitor.page.split("</main>")[0]


def test_who_reads_a_part_has_links_to_what_they_may_read_and_to_nothing_else(play):
    case_id = play.planned()
    trust = agency(play, case_id, "Northcombe NHS")
    pages = {"assessment": f"/cases/{case_id}/assessment", "plan": f"/cases/{case_id}/plan"}
    for kind, path in pages.items():
        asks_again(play, case_id, consent="limited", scope="Health only", agencies=trust, kinds=[kind])
        page = play.at("dele", f"/cases/{case_id}").page
        shown = {each for each in pages.values() if f'href="{each}"' in page}
        assert shown == {path} and f"/cases/{case_id}/chronology" not in page
        assert [play.at("dele", each).status for each in pages.values() if each == path] == [200]


def test_a_task_is_not_offered_to_whom_the_consent_leaves_out(play):
    case_id = play.led()
    before = play.at("amara", "/tasks").page
    task = re.search(r'href="(/tasks/[0-9a-f-]+)">Arrange the TAC meeting<', before)[1]
    to = re.compile(r'<select[^>]*name="to".*?</select>', re.S)
    assert "Dele Martins" in to.search(play.at("amara", task).page)[0]
    council = agency(play, case_id, "Northcombe Council")
    asks_again(play, case_id, consent="limited", scope="Council only", agencies=council, kinds=["plan"])
    offered = to.search(play.at("amara", task).page)[0]
    assert "Dele Martins" not in offered and "Ruth Adeyemi" in offered


def test_a_part_without_its_words_is_asked_for_once_more_with_what_was_typed(play):
    case_id = play.planned()
    visitor = asks_again(play, case_id, consent="limited", reason="", competence="")
    assert visitor.status == 422
    assert visitor.says("There is a problem") and 'value="Tess Whitlock"' in visitor.page


def test_a_task_that_shares_says_what_it_rests_on_and_leads_to_asking_again(play):
    play.led()
    visitor = play.at("amara", "/tasks")
    link = re.search(r'href="(/tasks/[0-9a-f-]+)">Arrange the TAC meeting<', visitor.page)
    visitor.get(link[1])
    assert visitor.says("What sharing rests on", "The family agreed to information being shared (Tess Whitlock)")
    assert "/start/ask_consent_again" in visitor.page


def test_the_withdrawal_page_says_whose_consent_it_is_and_that_less_may_do(play):
    case_id = play.planned(born=date(2010, 9, 4))
    own = {"whose": "young_person", "competence": "Amara Osei, 2 March: weighs what follows"}
    asks_again(play, case_id, consent="given", **own)
    visitor = play.at("amara", f"/cases/{case_id}/consent")
    assert visitor.says("own: they were judged to understand", "ask the family about consent again")
    said = {"why": "Father, by telephone", "request_key": visitor.hidden("request_key")}
    refused = visitor.post(f"/cases/{case_id}/consent", **said, taken_back_by="parent")
    assert "Only they can take it back; nobody can do it for them" in refused and "Father, by telephone" in refused
    visitor.post(f"/cases/{case_id}/consent", **said | {"why": "Sam said so"}, taken_back_by="young_person")
    play.reads("amara", case_id, "Sharing has stopped", "The young person took back their consent to sharing")
    play.reads("amara", case_id, "The young person withdrew their consent. Sharing stopped.")


def test_who_withdrew_must_be_said_once_and_then_sharing_stops(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = f"/cases/{case_id}/consent"
    visitor.get(path)
    refused = visitor.post(path, why="", request_key=visitor.hidden("request_key"))
    assert refused.count("There is a problem") == 1
    visitor.post(path, why="Mother, by telephone", request_key=visitor.hidden("request_key"))
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("took back their consent")


def test_only_the_yes_to_the_group_is_taken_back(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = f"/cases/{case_id}/consent"
    assert "Only the Multi-Agency Group" not in visitor.get(path)
    visitor.post(f"{path}/mag", mag_why="Mother", request_key=visitor.hidden("request_key"))
    assert visitor.status == 409


def test_a_family_never_asked_is_not_asked_again_nor_has_it_withdrawn_anything(play):
    case_id = play.asked()
    page = play.reads("amara", case_id, "Nobody yet; until then Amara Osei, who assesses, 0").page
    for words in ("Ask the family about consent again", "The family has withdrawn consent", "nobody to ring"):
        assert words not in page
    play.consents()
    play.reads("amara", case_id, "Ask the family about consent again", "The family has withdrawn consent")
    play.reads("amara", case_id, "Nobody yet; until then Amara Osei, who assesses, 0")


def test_the_lead_is_handed_over_only_while_somebody_leads(play):
    case_id = play.assessed()
    assert "Hand over the lead" not in play.at("ruth", f"/cases/{case_id}").page
    play.leads()
    play.reads("ruth", case_id, "Hand over the lead")


def test_that_nobody_else_may_know_is_asked_before_the_names(play):
    case_id = play.planned()
    page = play.at("amara", f"/cases/{case_id}/start/ask_consent_again").page
    assert page.index('name="nobody_else"') < page.index('name="agencies"') < page.index('name="kinds"')
