"""What is kept about the child, on the pages: the name used, an address that may be secret, when a baby is expected."""

from __future__ import annotations

import re

import pytest

from tests.unit.web.player import Play
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def unborn(play, **more):
    visitor = play.at("amara", "/cases/start")
    visitor.post(
        "/cases/start", act="start", request_key=visitor.hidden("request_key"), family_name="Whitlock", sex="unknown",
        assessor_id=str(play.ids["amara"]), pathway="caf", **day("expected_on", play.today), **more,
    )  # fmt: skip
    return re.search(r"/cases/([0-9a-f-]{36})", visitor.page)[1]


def test_an_address_is_made_secret_and_the_page_says_so(play):
    case_id = play.asked()
    path = f"/cases/{case_id}/child"
    assert path in play.at("amara", f"/cases/{case_id}").page
    told = play.sends("amara", path, known_as="Sammy", address="3 Mill Lane", address_secret="yes")
    assert told.says("Kept.", "3 Mill Lane", "secret: tell nobody")
    again = play.at("amara", path)
    assert "3 Mill Lane</textarea>" in again.page and 'name="address_secret" value="yes" checked' in again.page
    play.reads("amara", case_id, "What is kept about the child has changed", "the address is secret now")


def test_the_coordinator_sees_a_secret_address_and_the_line_manager_does_not(play):
    case_id = play.asked()
    play.sends("amara", f"/cases/{case_id}/child", address="3 Mill Lane", address_secret="yes")
    assert "3 Mill Lane" in play.at("ines", f"/cases/{case_id}").page
    page = play.at("ruth", f"/cases/{case_id}/child").page
    assert "3 Mill Lane" not in page and "The address is secret." in page and 'name="address"' not in page
    play.sends("ruth", f"/cases/{case_id}/child", known_as="Sammy")
    assert "3 Mill Lane" in play.at("amara", f"/cases/{case_id}").page


def test_a_baby_is_expected_on_another_day(play):
    case_id = unborn(play)
    path = f"/cases/{case_id}/child"
    assert "When is the baby expected" in play.at("amara", path).page
    wrong = play.sends("amara", path, **{"expected_on-day": "31", "expected_on-month": "2", "expected_on-year": "2026"})
    assert wrong.status == 422 and wrong.says("Enter a real date")
    assert play.sends("amara", path).says("Enter the date the baby is expected")
    assert play.sends("amara", path, **day("expected_on", play.today.replace(day=28))).says("Kept.")


def test_an_address_may_be_secret_from_the_beginning(play):
    case_id = unborn(play, address="3 Mill Lane", address_secret="yes")
    assert "secret: tell nobody" in play.at("amara", f"/cases/{case_id}").page


def test_nobody_sees_or_changes_a_child_whose_case_is_not_theirs(play):
    case_id = play.asked()
    assert play.at("dele", f"/cases/{case_id}/child").status == 404
