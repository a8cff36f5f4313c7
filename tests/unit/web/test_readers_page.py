"""Who has looked at a record: the page, its paging, and who may see it."""

import pytest

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


def test_who_reads_by_office_is_told_that_it_is_kept(service, case_id):
    ines = service.signed_in("ines")
    ines.get(f"/cases/{case_id}")
    assert ines.says("You read this case as a coordinator")
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}/readers")
    assert ruth.says("Coordinators may open every case", "Ines")
    assert "as a coordinator" not in service.signed_in("amara").get(f"/cases/{case_id}")


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
