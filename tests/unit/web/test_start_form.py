"""Starting a case: the family in as many rows as they are people, and somebody else to assess."""

import re
from datetime import date, timedelta

import pytest

from engine.commands import cases, restrictions, user_tasks
from engine.queries import case_file
from engine.scheduler import tick
from tests.worlds import Mailbox

CHILD = {
    "given_name": "Sam", "family_name": "Whitlock", "sex": "male",
    "born_on-day": "2", "born_on-month": "3", "born_on-year": "2018",
}  # fmt: skip
TESS = {"family-0-name": "Tess Whitlock", "family-0-relationship": "Mother", "family-0-phone": "01632 960555"}


@pytest.fixture
def visitor(service):
    visitor = service.signed_in("amara")
    visitor.get("/cases/start")
    return visitor


def send(visitor, **fields):
    chosen = {"request_key": visitor.hidden("request_key"), "act": "start", **CHILD}
    return visitor.post("/cases/start", **{**chosen, **fields})


def rows(page):
    return [int(number) for number in re.findall(r'name="family-(\d+)-name"', page)]


def test_parents_and_carers_stand_on_the_case_page(visitor):
    send(visitor, **{**TESS, "family-0-parental_responsibility": "yes", "family-1-name": "Jo Whitlock"})
    assert visitor.says("The case is started", "Tess Whitlock", "Mother, with parental responsibility", "01632 960555")
    assert visitor.says("Jo Whitlock")


def test_a_row_is_added_and_removed_and_nothing_typed_is_lost(visitor):
    page = send(visitor, act="add:family", **TESS)
    assert rows(page) == [0, 1]
    assert 'value="Tess Whitlock"' in page and 'value="Sam"' in page and 'value="2018"' in page
    page = send(visitor, act="remove:family:0", **TESS, **{"family-1-name": "Jo Whitlock"})
    assert rows(page) == [0]
    assert 'value="Jo Whitlock"' in page and "Tess" not in page


def test_no_more_rows_than_there_is_room_for(visitor):
    page = send(visitor, act="add:family", **{f"family-{number}-name": "x" for number in range(20)})
    assert len(rows(page)) == 12
    assert "Add another person" not in page


def test_an_empty_row_is_nobody(visitor):
    send(visitor, **{"family-0-name": " ", "family-0-relationship": "", "family-0-phone": ""})
    assert visitor.says("The case is started")


def test_somebody_without_a_name_is_asked_for_in_their_row(visitor):
    page = send(visitor, **{"family-0-name": "", "family-1-phone": "01632 960555", "born_on-day": ""})
    assert visitor.status == 422
    assert visitor.says("Person 2: Enter this person's name", "Enter the day, the month and the year")
    assert 'href="#family-1-name"' in page and 'id="family-1-name-error"' in page
    assert 'value="01632 960555"' in page


def test_who_starts_it_assesses_unless_somebody_else_is_chosen(service, visitor):
    first = re.search(r'name="assessor_id"[^>]*>\s*<option value="([^"]+)"( selected)?>([^<]+)<', visitor.page)
    assert first and first[1] == str(service.ids["Amara Osei"]) and first[2] and first[3].endswith(" (you)")
    assert "Dele Martins" in visitor.page and "Tomas Reid" not in visitor.page and "Olu Bright" not in visitor.page
    send(visitor, assessor_id=str(service.ids["Dele Martins"]))
    assert visitor.says("The case is started")
    dele = service.signed_in("dele")
    dele.get("/tasks")
    assert dele.says("Answer the checklist", "Sam Whitlock")
    amara = service.signed_in("amara")
    amara.get("/tasks")
    assert not amara.says("Sam Whitlock")


def test_a_designer_assesses_nobody(service, visitor):
    page = send(visitor, assessor_id=str(service.ids["Tomas Reid"]))
    assert visitor.status == 422 and 'href="#assessor_id"' in page
    assert visitor.says("Tomas Reid does not work on cases. Choose somebody who does")


@pytest.mark.parametrize("assessor", ["nobody", "00000000-0000-0000-0000-000000000007"])
def test_an_assessor_who_is_not_on_the_list_is_refused(visitor, assessor):
    page = send(visitor, assessor_id=assessor)
    assert visitor.status == 422
    assert 'href="#assessor_id"' in page


def test_everything_that_is_missing_is_said_at_once(visitor):
    send(visitor, given_name="", family_name="", **{"family-0-phone": "01632 960555"})
    assert visitor.says("Person 1: Enter this person's name", "Enter the child's name")


def test_support_begins_in_the_way_that_was_chosen(visitor):
    assert visitor.says("How does the support begin?", "With a common assessment (CAF)", "Social care steps down")
    send(visitor, pathway="step_down")
    assert visitor.says("How it began", "Social care steps down", "Write down social care's summary")


def test_a_way_that_is_not_offered_is_refused(visitor):
    page = send(visitor, pathway="nowhere")
    assert visitor.status == 422
    assert visitor.says("Choose how the support begins from the list")
    assert 'href="#pathway"' in page and 'value="Sam"' in page


def test_social_care_s_summary_stands_where_the_assessment_would(service, visitor):
    actor = service.actor("amara")
    child = cases.Child(given_name="Ada", family_name="Whitlock", born_on=date(2018, 3, 2))
    case_id = cases.start(service.engine, actor=actor, child=child, pathway="step_down").case_id
    (task,) = case_file.read(service.engine, actor=actor, case_id=case_id).tasks
    closes_on = (service.clock.now().date() + timedelta(days=28)).isoformat()
    said = {"social_worker": "Lea Stone", "strengths": "Home", "needs": "Help at school", "closes_on": closes_on}
    user_tasks.complete(service.engine, actor=actor, task_id=task.task_id, answers=said)
    page = visitor.get(f"/cases/{case_id}")
    assert visitor.says("Social care’s summary", "Lea Stone", "Help at school")
    assert visitor.says("Social care steps down, and means to close on")
    assert ">Assessment</h2>" not in page


def test_a_child_who_is_known_already_is_said_before_a_second_case_starts(service):
    service.start_case("Sam")
    dele = service.signed_in("dele")
    dele.get("/cases/start")
    send(dele, **TESS)
    assert dele.status == 409 and dele.says("This child may be known already", "Amara Osei", "is assessing")
    assert 'value="Tess Whitlock"' in dele.page and "/cases/0" not in dele.page, "kept as typed; nothing of the record"
    send(dele, **TESS, known_seen="yes")
    assert dele.says("The case is started")


@pytest.mark.parametrize(("first", "second"), [
    ({"given_name": "Samuel", "known_as": "Sam"}, {"given_name": "Sam"}),
    ({"given_name": "Sam"}, {"given_name": "Samuel", "known_as": "sam "}),
    ({"given_name": "Samuel", "known_as": "Sammy"}, {"given_name": "Sam", "known_as": "Sammy"}),
])  # fmt: skip
def test_a_child_is_known_by_what_they_are_called_too(visitor, first, second):
    born = {"born_on-day": "9", "born_on-year": "2017"}
    send(visitor, **first)
    send(visitor, **second, **born, request_key="another start")
    assert visitor.status == 409 and visitor.says("This child may be known already", "Amara Osei")
    send(visitor, given_name="Ada", known_as="Adi", **born, request_key="a sister's start")
    assert visitor.says("The case is started")


def test_the_same_start_sent_twice_is_no_second_child(visitor):
    key = visitor.hidden("request_key")
    for _ in range(2):
        send(visitor, request_key=key)
        assert visitor.says("The case is started")


def test_a_restricted_case_is_not_shown_when_another_starts_and_the_coordinator_hears_once(service):
    case_id = service.start_case("Sam")
    restrictions.restrict(service.engine, actor=service.actor("ines"), case_id=case_id, reason="known to staff")
    dele = service.signed_in("dele")
    dele.get("/cases/start")
    send(dele, given_name="Samuel", known_as="Sam", **{"born_on-day": "9"})
    assert dele.says("The case is started") and "known already" not in dele.page
    mailbox = Mailbox()
    tick(service.engine, mailbox)
    told = [each for each in mailbox.messages if "whose case is restricted" in each.subject]
    assert len(told) == 1
