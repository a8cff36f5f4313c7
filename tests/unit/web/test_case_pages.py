"""Starting a case, finding it, its page, and the safeguarding button."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases
from engine.queries import case_list
from engine.scheduler import tick
from tests.unit.web.player import Play
from tests.worlds import Mailbox

CHILD = {
    "given_name": "Sam",
    "family_name": "Whitlock",
    "born_on-day": "2",
    "born_on-month": "3",
    "born_on-year": "2018",
    "sex": "male",
}


def start(visitor, **changes):
    visitor.get("/cases/start")
    return visitor.post("/cases/start", **{**CHILD, "request_key": visitor.hidden("request_key"), **changes})


def test_a_case_is_started_and_its_page_shows_the_child(service):
    visitor = service.signed_in("amara")
    start(visitor)
    assert visitor.says("The case is started", "Sam Whitlock, 8 years old", "Ask for the family's consent")


def test_sending_it_twice_starts_one_case(service):
    visitor = service.signed_in("amara")
    visitor.get("/cases/start")
    key = visitor.hidden("request_key")
    for _ in range(2):
        visitor.post("/cases/start", **CHILD, request_key=key)
    assert visitor.get("/cases").count("Sam Whitlock") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given_name": "", "family_name": " "}, "Enter the child's name"),
        ({"born_on-day": "", "born_on-month": "", "born_on-year": ""}, "Enter the date of birth"),
        ({"born_on-day": "31", "born_on-month": "2"}, "Enter a real date"),
        ({"born_on-year": ""}, "Enter the day, the month and the year"),
        ({"sex": "x"}, "Choose one of the list"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(service, changes, said):
    visitor = service.signed_in("amara")
    page = start(visitor, address="4 Hill Road", **changes)
    assert visitor.status == 422
    assert visitor.says("There is a problem", said)
    assert "4 Hill Road" in page


def test_a_field_that_the_page_does_not_have_is_refused(service):
    visitor = service.signed_in("amara")
    start(visitor, family_id=str(UUID(int=1)))
    assert visitor.status == 422


def test_a_case_is_found_by_name_without_the_name_in_an_address(service):
    service.start_case("Sam")
    service.start_case("Maya")
    visitor = service.signed_in("amara")
    visitor.get("/cases")
    visitor.post("/cases/search", words="may")
    assert visitor.says("Cases found", "Maya Whitlock")
    assert not visitor.says("Sam Whitlock")


def test_a_long_list_goes_on_and_names_stay_out_of_addresses(service, monkeypatch):
    visitor = service.signed_in("amara")
    for name in ("Ash", "Bo", "Cam"):
        service.start_case(name)
    monkeypatch.setitem(case_list.case_page.__kwdefaults__, "limit", 2)
    first = visitor.get("/cases")
    assert "Ash Whitlock" in first and "Cam Whitlock" not in first and "More cases" in first
    address = re.search(r'href="(/cases\?after=[0-9a-f-]{36})"', first)
    assert address is not None
    rest = visitor.get(address[1])
    assert "Cam Whitlock" in rest and "Bo Whitlock" not in rest and "More cases" not in rest
    visitor.post("/cases/search", words="whitlock")
    rest = visitor.post("/cases/search", words="whitlock", after=visitor.hidden("after"))
    assert "Cam Whitlock" in rest and "Bo Whitlock" not in rest


def test_a_search_never_finds_what_the_person_may_not_see(service):
    service.start_case("Sam", username="amara")
    visitor = service.signed_in("dele")
    visitor.get("/cases")
    visitor.post("/cases/search", words="Whitlock")
    assert visitor.says("No case of yours matches")
    assert not visitor.says("Sam")


def test_the_case_page_says_where_the_case_is(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    page = visitor.get(f"/cases/{case_id}")
    assert visitor.says("Who leads", "Nobody", "What is waiting", "Ask for the family's consent")
    assert 'data-diagram-current="record_consent' in page


def test_a_case_that_is_not_yours_is_not_there(service):
    case_id = service.start_case("Sam")
    for username in ("dele", "olu", "tomas"):
        visitor = service.signed_in(username)
        visitor.get(f"/cases/{case_id}")
        assert visitor.status == 404, username
        assert not visitor.says("Sam")


def test_opening_a_case_is_recorded(service):
    case_id = service.start_case("Sam")
    service.signed_in("ruth").get(f"/cases/{case_id}")
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert visitor.status == 200


def test_the_safeguarding_page_gives_the_numbers_at_once(service):
    for username in ("amara", "olu", "tomas"):
        visitor = service.signed_in(username)
        visitor.get("/concern")
        assert visitor.says("In immediate danger: ring 999", "Children's social care: 01632 960101")


def test_a_concern_is_recorded_with_every_question_left_empty(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    visitor.get(f"/concern?case={case_id}")
    assert visitor.says("record it for Sam Whitlock")
    visitor.post("/concern", case=str(case_id), request_key=visitor.hidden("request_key"))
    assert visitor.says("The concern is recorded", "If you have not rung yet, ring now")
    assert visitor.says("Safeguarding concerns", "Not acknowledged yet")


def test_two_children_of_one_name_can_be_told_apart(service):
    service.start_case("Sam")
    actor = service.actor("amara")
    twin = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2020, 9, 9))
    cases.start(service.engine, actor=actor, child=twin)
    visitor = service.signed_in("amara")
    visitor.get("/concern")
    assert visitor.says("born 2 March 2018; nobody leads yet", "born 9 September 2020; nobody leads yet")


def test_on_a_case_the_button_knows_the_child(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    assert f'href="/concern?case={case_id}"' in visitor.get(f"/cases/{case_id}")


def test_an_empty_overdue_board_says_what_would_appear(service):
    visitor = service.signed_in("amara")
    visitor.get("/overdue")
    assert visitor.says("Nothing you look after is overdue", "the child appears here with the reason")


def test_a_diagram_is_given_as_a_file_not_a_page(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    page = visitor.get(f"/cases/{case_id}")
    address = page.split('data-diagram-url="')[1].split('"')[0]
    answer = visitor.client.get(address)
    assert answer.mimetype == "application/xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"record_consent" in answer.data


def test_one_diagram_is_shown_and_the_others_are_folded_away(service):
    case_id = service.start_case("Sam")
    page = service.signed_in("amara").get(f"/cases/{case_id}#where")
    shown, others = page.split('id="where"')[1].split('id="other-diagrams"')
    assert shown.count("data-diagram-url") == others.count("data-diagram-url") == 1
    assert "What does the child need?" in shown and "part of Common assessment episode" in shown
    assert "You are here: <strong>Ask for the family&#39;s consent</strong>." in shown
    assert "Show the other diagram" in others
    assert "It goes on in a diagram of its own: <strong>What does the child need?</strong>." in others


@pytest.mark.parametrize("who", ["amara", "ruth", "ines"])
def test_the_page_of_a_case_asks_the_database_twelve_times_at_most(service, who):
    """Who asks, and the line that says who read, are among them; the case is late, and nobody's reasons are few."""
    case_id = Play(service).planned()
    for _ in range(12):
        service.clock.advance(timedelta(days=7))
        tick(service.engine, Mailbox())
    asked: list[str] = []

    def count(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    visitor = service.signed_in(who)
    assert "Raised with others" in visitor.get(f"/cases/{case_id}")
    sa.event.listen(service.engine.sessions.engine, "before_cursor_execute", count)
    visitor.get(f"/cases/{case_id}")
    sa.event.remove(service.engine.sessions.engine, "before_cursor_execute", count)
    assert len(asked) <= 12, "\n".join(each[:200] for each in asked)
