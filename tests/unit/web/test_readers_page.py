"""Who has looked at a record: the page, its paging, and who may see it."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands import user_tasks
from engine.queries import access_log
from tests.unit.web.test_json_api import Program


@pytest.fixture
def case_id(service):
    return service.start_case("Sam")


def test_the_line_manager_finds_it_from_the_case(service, case_id):
    service.signed_in("amara").get(f"/cases/{case_id}")
    ruth = service.signed_in("ruth")
    page = ruth.get(f"/cases/{case_id}")
    assert f'href="/cases/{case_id}/readers"' in page
    ruth.get(f"/cases/{case_id}/readers")
    assert ruth.says("Who has looked at this record?", "Amara Osei", "Northcombe Council", "Ruth Adeyemi")


@pytest.mark.parametrize(
    ("username", "status"), [("ines", 200), ("olu", 200), ("amara", 403), ("dele", 404), ("tomas", 404)]
)
def test_who_may_see_it(service, case_id, username, status):
    assert service.signed_in(username).client.get(f"/cases/{case_id}/readers").status_code == status
    assert Program(service, username)("GET", f"/cases/{case_id}/readers").status_code == status


def test_who_may_not_see_it_is_not_offered_it(service, case_id):
    assert "/readers" not in service.signed_in("amara").get(f"/cases/{case_id}")


def test_a_coordinator_says_first_what_they_read_it_for_once_a_day(service, case_id):
    ines = service.signed_in("ines")
    ines.says_why = ""
    ines.get(f"/cases/{case_id}/chronology?from_day=1")
    assert ines.says("What do you read this record for?") and "Sam" not in ines.page
    ines.post(f"/cases/{case_id}/look-into", purpose="other", next=ines.hidden("next"))
    assert ines.status == 422 and ines.says("Say in a few words what you read this record for")
    ines.post(f"/cases/{case_id}/look-into", purpose="", reason="<b>the school rang</b>", next=ines.hidden("next"))
    assert ines.status == 422 and ines.says("Choose what you read this record for")
    ines.post(f"/cases/{case_id}/look-into", purpose="advice", reason="the school rang", next=ines.hidden("next"))
    assert ines.status == 200 and ines.says("Sam") and "chronology" in ines.page
    ines.get(f"/cases/{case_id}")
    assert ines.says("You read this record as a coordinator", "the school rang")
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}/readers")
    assert ruth.says("As coordinator: the school rang", "Ines")
    assert "as a coordinator" not in service.signed_in("amara").get(f"/cases/{case_id}")
    service.clock.advance(timedelta(days=1))
    ines = service.signed_in("ines")
    ines.says_why = ""
    assert "What do you read this record for?" in ines.get(f"/cases/{case_id}")


def test_a_coordinator_is_not_asked_where_something_is_asked_of_them(service, case_id):
    ines = service.signed_in("ines")
    ines.says_why = ""
    me = service.actor("ines")
    (task,) = Program(service, "amara")("GET", "/tasks").json["rows"]
    user_tasks.reassign(service.engine, actor=me, task_id=UUID(task["task_id"]), to=me.practitioner_id)
    assert ines.get(f"/cases/{case_id}") and ines.says("Sam")


def test_a_program_of_a_coordinator_is_told_how_to_say_it(service, case_id):
    ines = Program(service, "ines")
    refused = ines("GET", f"/cases/{case_id}")
    assert refused.status_code == 403 and f"POST /api/cases/{case_id}/look-into" in refused.json["detail"]
    assert ines("POST", f"/cases/{case_id}/look-into", json={"purpose": "idle"}).status_code == 422
    assert ines("POST", f"/cases/{case_id}/look-into", json={"purpose": "audit"}).status_code == 200
    assert ines("GET", f"/cases/{case_id}").status_code == 200


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_what_comes_after_stays_on_this_site(service, case_id, onward):
    ines = service.signed_in("ines")
    ines.get("/help")
    answer = ines.client.post(f"/cases/{case_id}/look-into", data={
        "purpose": "audit", "next": onward, "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', ines.page)[1],
    })  # fmt: skip
    assert answer.status_code == 303 and answer.location.startswith("/") and "elsewhere" not in answer.location


def test_it_goes_on_page_by_page_and_misses_nobody_of_one_moment(service, case_id):
    visitor = service.signed_in("amara")
    for _ in range(7):  # the clock stands still: all of one moment
        visitor.get(f"/cases/{case_id}")
    ruth = service.actor("ruth")
    every = access_log.of_case(service.engine, actor=ruth, case_id=case_id)
    found, after = [], None
    while True:
        page = access_log.of_case(service.engine, actor=ruth, case_id=case_id, after=after, limit=3)
        found += page.rows
        after = page.next
        if after is None:
            break
    assert tuple(found) == every.rows and len(found) >= 7


def test_the_page_links_to_those_before(service, case_id):
    visitor = service.signed_in("amara")
    for _ in range(access_log.USUAL + 1):
        visitor.get(f"/cases/{case_id}")
    ruth = service.signed_in("ruth")
    page = ruth.get(f"/cases/{case_id}/readers")
    onward = page.partition("readers?after=")[2].partition('"')[0]
    assert onward and page.count('class="caf-row"') == access_log.USUAL
    ruth.get(f"/cases/{case_id}/readers?after={onward}")
    assert ruth.says("Amara Osei") and not ruth.says("Those before that")


def test_the_api_lists_them_with_the_next_page(service, case_id):
    for _ in range(3):
        service.signed_in("amara").get(f"/cases/{case_id}")
    ines = Program(service, "ines")
    answer = ines("GET", f"/cases/{case_id}/readers?limit=2")
    assert [row["who"] for row in answer.json["rows"]] == ["Amara Osei", "Amara Osei"]
    assert f"after={answer.json['next']}" in answer.headers["Link"]
    assert ines("GET", f"/cases/{case_id}/readers?limit=0").status_code == 422
    assert ines("GET", f"/cases/{case_id}/readers?after={case_id}").status_code == 422
