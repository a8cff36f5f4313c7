"""One concern may name several children; nothing has to be answered, and nobody learns of a case they may not see."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa

from engine.commands import cases, setup
from engine.store.tables.record import cases as case_rows
from engine.store.tables.record import children, concerns
from engine.store.tables.running import user_tasks
from tests.unit.web.player import Play
from tests.unit.web.service import PROFILE


@pytest.fixture
def play(service):
    return Play(service)


def sibling_of(play, case_id, name, by="amara"):
    with play.service.engine.sessions.read() as connection:
        family = connection.execute(
            sa.select(children.c.family_id).join(case_rows).where(case_rows.c.id == case_id)
        ).scalar_one()
    child = cases.Child(given_name=name, family_name="Whitlock", born_on=date(2019, 5, 6), family_id=family)
    return cases.start(play.service.engine, actor=play.service.actor(by), child=child).case_id


def raises(play, username, case_id, **answers):
    visitor = play.at(username, f"/concern?case={case_id}")
    visitor.post("/concern", case=str(case_id), request_key=visitor.hidden("request_key"), **answers)
    return visitor


def raised(play):
    """Return the cases with a concern, the first named of one first."""
    with play.service.engine.sessions.read() as connection:
        rows = connection.execute(sa.select(concerns.c.case_id).order_by(concerns.c.raised_with.is_not(None)))
        return [row.case_id for row in rows]


def test_nothing_has_to_be_answered(play):
    case_id = play.asked()
    assert raises(play, "amara", case_id).says("The concern is recorded")
    assert raised(play) == [case_id]


def test_the_siblings_whose_cases_one_may_see_are_boxes_to_tick(play):
    case_id = play.planned()
    ben, ann = sibling_of(play, case_id, "Ben"), sibling_of(play, case_id, "Ann", by="ines")
    page = play.at("amara", f"/concern?case={case_id}")
    assert page.says("Are you worried about other children too?", "Ben Whitlock, born 6 May 2019", "has no plan here")
    assert not page.says("Ann Whitlock") and str(ann) not in page.page
    said = {"what_happened": "Shouting all night", "other_children": "Leo, 2, next door"}
    raises(play, "amara", case_id, also=[str(ben)], **said)
    assert raised(play) == [case_id, ben]
    play.reads("amara", case_id, "Shouting all night", "It also names: Ben Whitlock; Leo, 2, next door")
    play.reads("amara", case_id, "A safeguarding concern was raised. It names Ben Whitlock too.")
    own = play.reads("amara", ben, "Shouting all night", "It also names: Sam Whitlock", "It names Sam Whitlock too.")
    assert "Leo" not in own.page, "named with the first child alone"
    ines = play.reads("ines", ann)
    assert "Safeguarding concerns" not in ines.page


def test_a_team_member_who_sees_one_case_learns_nothing_of_the_other(play):
    case_id = play.planned()
    ben = sibling_of(play, case_id, "Ben")
    page = play.at("dele", f"/concern?case={case_id}")
    assert "Ben" not in page.page and page.says("Every child of this family who has a plan")
    raises(play, "dele", case_id, whole_family="yes", what_happened="He is afraid to go home")
    assert raised(play) == [case_id, ben]
    seen = play.reads("dele", case_id, "He is afraid to go home", "A safeguarding concern was raised.")
    assert not re.search(r"\bBen\b|also names|names .* too", seen.page)
    assert play.at("dele", f"/cases/{ben}").status == 404
    play.reads("amara", ben, "He is afraid to go home", "It also names: Sam Whitlock")


def test_the_family_box_is_there_whether_or_not_there_is_a_sibling(play):
    case_id = play.planned()
    page = play.at("dele", f"/concern?case={case_id}")
    assert page.says("Every child of this family who has a plan", "You are not told whose it is")
    assert raises(play, "dele", case_id, whole_family="yes").says("The concern is recorded")
    assert raised(play) == [case_id]


def test_a_case_that_is_not_there_names_nobody(play):
    case_id = play.asked()
    visitor = raises(play, "amara", case_id, also=["not-an-id"])
    assert visitor.says("The concern is recorded"), "nothing stands before it"
    stranger = "00000000-0000-0000-0000-000000000009"
    assert raises(play, "amara", case_id, also=[stranger]).status == 404


def test_who_asks_social_care_is_shown_the_siblings_nobody_has_asked_about(play):
    case_id = play.planned()
    ann, ben = sibling_of(play, case_id, "Ann"), sibling_of(play, case_id, "Ben", by="ines")
    raises(play, "amara", case_id, what_happened="Shouting all night")
    with play.service.engine.sessions.read() as connection:
        waiting = sa.select(user_tasks.c.id).where(user_tasks.c.element_id == "acknowledge_concern")
        path = f"/tasks/{connection.execute(waiting).scalar_one()}"
    asked = play.at("ines", path)
    assert asked.says("Which other children is this about?", "a concern for Ann Whitlock too", "for Ben Whitlock")
    assert f"/concern?case={ann}" in asked.page
    raises(play, "ines", ann, what_happened="Shouting all night")
    asked.get(path)
    assert "Ann Whitlock" not in asked.page and f"/concern?case={ben}" in asked.page


def test_whom_to_ring_is_there_for_who_is_not_signed_in_on_every_page(service):
    visitor = service.visitor()
    for path in ("/sign-in", "/no-such-page", "/cases"):
        assert 'href="/concern"' in visitor.get(path), path
    visitor.client.post("/cases/start", data={"family_name": "Whitlock"})
    visitor.get("/concern?case=nonsense")
    assert visitor.status == 200
    assert visitor.says("ring 999", "Children's social care: 01632 960101", "weekdays, 9am to 5pm", "Sign in to record")
    assert "/sign-in?next=/concern" in visitor.page and "Which child" not in visitor.page
    visitor.get("/sign-in")
    visitor.post("/concern", case="nonsense", harm="A bruise")
    assert visitor.status == 401 and visitor.says("Sign in")


def test_where_two_authorities_share_a_service_nobody_is_given_the_numbers_of_the_wrong_one(service):
    setup.create_authority(service.engine, key="westmere", name="Westmere Council", profile=PROFILE)
    visitor = service.visitor()
    visitor.get("/concern")
    assert visitor.says("ring 999", "101") and "01632" not in visitor.page
