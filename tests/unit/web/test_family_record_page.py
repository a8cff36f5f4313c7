"""Child and family on one page: facts, the family as a picture and as the same list, and what was changed."""

from __future__ import annotations

import re

import pytest

from engine.queries.family_tree import Kinsman
from tests.unit.web.player import Play
from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import day
from web.genogram import CELL, drawn


@pytest.fixture
def play(service):
    return Play(service)


def test_facts_are_changed_and_the_page_says_what_they_were(play):
    case_id = play.asked()
    path = f"/cases/{case_id}/child"
    born = day("born_on", play.today.replace(year=play.today.year - 8))
    play.sends("amara", path, first_language="Polish", interpreter="Polish", sex="male", **born)
    play.sends("amara", path, first_language="Polish, some English", interpreter="")
    visitor = play.at("amara", f"/cases/{case_id}/child-and-family")
    assert visitor.says("First language", "Polish, some English", "was: Polish", "by Amara Osei", "Nothing any more")
    assert path in visitor.page and f"/cases/{case_id}/child-and-family" in play.at("amara", f"/cases/{case_id}").page


def test_the_picture_and_the_list_hold_the_same_people(play):
    case_id = play.asked()
    for name, relationship in (("Ada Whitlock", "Mother"), ("Gus Oakapple-Featherstonehaugh", "Grandfather")):
        play.sends(
            "amara", f"/cases/{case_id}/family", name=name, relationship=relationship, told="everything",
            decided_by="family",
        )  # fmt: skip
    page = play.at("amara", f"/cases/{case_id}/child-and-family").page
    drawing = re.search(r"<svg.*?</svg>", page, re.S)[0]
    assert drawing.count("<circle") == 1 and drawing.count("<rect") == 1 and 'role="img"' in drawing
    assert "Ada Whitlock" in drawing and "<strong>Ada Whitlock</strong>: mother" in page


def test_who_may_not_change_it_is_offered_no_change(play):
    case_id = play.planned()
    page = play.at("dele", f"/cases/{case_id}/child-and-family").page
    assert "Change what is kept" not in page and "The family" in page


def test_the_api_gives_the_same(play):
    case_id = play.asked()
    play.sends("amara", f"/cases/{case_id}/child", access_needs="Ground floor")
    client = play.service.app.test_client()
    token = client.post("/api/session", json={"username": "amara", "password": PASSWORD}).json["token"]
    found = client.get(f"/api/cases/{case_id}/family", headers={"Authorization": f"Bearer {token}"}).json
    assert found["child"]["access_needs"] == "Ground floor"
    assert [each["what"] for each in found["changes"]] == ["Access needs"]


def test_nobody_stands_on_another():
    kin = [Kinsman(name=f"Person {n}", relationship="", row=n % 3, sex="unknown", related=n % 2 == 0) for n in range(9)]
    drawing = drawn(sorted(kin, key=lambda each: each.row))
    places = [(each.x, each.y) for each in drawing.figures]
    assert len(set(places)) == 9
    assert all(abs(a[0] - b[0]) >= CELL for a in places for b in places if a != b and a[1] == b[1])
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in places)


def test_a_child_alone_is_drawn_alone():
    (figure,) = drawn([Kinsman(name="Sam", relationship="", row=2, sex="male", related=True, is_child=True)]).figures
    assert figure.lines == ("Sam",)
