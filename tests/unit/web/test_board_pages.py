"""The overdue board's pages: chosen, saved, answered, as a file; and where cases stand."""

from __future__ import annotations

import csv
import io
import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

from engine.commands import setup
from engine.commands.setup import Person
from engine.queries import overdue
from engine.queries.board_choices import MOST_WORKERS
from tests.unit.web.test_workload_pages import lead
from web.csv_rows import streamed
from web.day_fields import day_boxes
from web.overdue import _cells


def _late(service, *names):
    found = {name: service.start_case(name) for name in names}
    service.clock.advance(timedelta(days=60))
    return found


def test_the_board_counts_four_groups_and_sends_every_row_as_a_file(service):
    _late(service, "Sam", "Elin")
    ruth = service.signed_in("ruth")
    ruth.get("/overdue")
    assert ruth.says("Critically overdue 2", "Overdue 0", "Due soon 0", "Not due 0", "since")
    answer = ruth.client.get("/overdue.csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert head[:4] == ["Reference", "Child", "Age", "Group"]
    assert sorted(row[1] for row in rows) == ["Elin Whitlock", "Sam Whitlock"]
    assert {row[3] for row in rows} == {"Critically overdue"} and all(int(row[4]) > 10 for row in rows)


def test_two_children_of_one_name_are_told_apart_by_their_age(service):
    service.start_case("Sam", born=date(2014, 3, 2))
    service.start_case("Sam", born=date(2018, 3, 2))
    ruth = service.signed_in("ruth")
    for page in ("/overdue", "/oversight"):
        found = re.findall(r">(\w+) Whitlock</a> <span[^>]*>([^<]+)<", ruth.get(page))
        assert sorted(found) == [("Sam", "12 years old"), ("Sam", "8 years old")], page
        rows = csv.reader(io.StringIO(ruth.get(f"{page}.csv").lstrip("\ufeff")))
        assert sorted(row[2] for row in rows) == ["12 years old", "8 years old", "Age"], page


def test_a_lead_who_is_away_is_said_with_who_covers(service):
    case_id = _late(service, "Sam")["Sam"]
    service.agree(case_id)
    lead(service, case_id, "Amara Osei")
    ruth, page = service.signed_in("ruth"), f"/workload/people/{service.ids['Amara Osei']}/absence"
    ruth.get("/overdue")
    assert ruth.says("Lead professional: Amara Osei") and not ruth.says("Amara Osei, away")
    today = service.clock.now()
    away = {"from_on-day": today.day, "from_on-month": today.month, "from_on-year": today.year, "reason": "planned"}
    ruth.get(page.removesuffix("/absence"))
    ruth.post(page, **away, covered_by=str(service.ids["Dele Martins"]))
    ruth.get("/overdue")
    assert ruth.says("Lead professional: Amara Osei, away", "Dele Martins covers")
    assert ",Amara Osei,Dele Martins," in ruth.get("/overdue.csv")


def test_a_reminder_does_not_say_that_something_is_late(service):
    row = overdue.OverdueRow(
        case_id=uuid.uuid4(), reference="CAF-1", child_name="Sam Whitlock", born_on=date(2018, 3, 2), state="due_soon",
        days=9, since=date(2026, 2, 17), reasons=("An action is nearly due.",), signals=(), stage="Consent",
        lead_name=None, lead_away=False, covered_by="", cover_away="", leading_plan=None, doing="", answer=None,
        paused_until=None, supervision=None,
    )  # fmt: skip
    cells = [str(cell) for cell in _cells(row, today=date(2026, 3, 2))]
    assert "9" not in cells and "2026-02-17" in cells
    assert [str(cell) for cell in _cells(replace(row, state="overdue"), today=date(2026, 3, 2))][4] == "9"


def test_an_address_that_chooses_what_there_is_not_leads_to_the_whole_board(service):
    ruth = service.signed_in("ruth")
    for query in ("stage=Nowhere", "worker=x", "page=0", "only=x"):
        assert ruth.client.get(f"/overdue?{query}").headers["Location"] == "/overdue", query
    assert ruth.client.get("/overdue.csv?stage=Nowhere").headers["Location"] == "/overdue"


def test_a_page_that_has_become_empty_leads_to_the_last_there_is(service):
    _late(service, *(f"Sam{number}" for number in range(overdue.PAGE + 1)))
    ruth = service.signed_in("ruth")
    for query in ("", "state=critically_overdue&"):
        assert ruth.client.get(f"/overdue?{query}page=99").headers["Location"] == f"/overdue?{query}page=2"
    assert ruth.client.get("/overdue?page=9&state=due_soon").headers["Location"] == "/overdue?state=due_soon&page=1"
    ruth.get("/overdue?page=2")
    assert ruth.says("Critically overdue 21", "The children before these")
    (answer,) = re.findall(r'href="(/overdue/[^"]+/answer[^"]*)"', ruth.page)
    ruth.get(answer)
    assert f'href="/overdue?page=2#case-{answer.split("/")[2]}"' in ruth.page


def test_a_board_reached_from_a_number_says_which_children_it_shows(service):
    _late(service, "Sam")
    ruth = service.signed_in("ruth")
    address, name = re.findall(r'href="(/overdue\?step=\w+)">([^<]+)<', ruth.get("/where-cases-stand"))[0]
    ruth.get(address)
    assert ruth.says("Only children of whom this holds: “" + unescape(name) + "” waits to be done", "Sam Whitlock")
    assert ruth.says("Show every child you may see")
    ruth.get("/overdue?only=late")
    assert ruth.says("Only children of whom this holds: Overdue or critically overdue", "Sam Whitlock")
    ruth.get("/overdue?state=overdue")
    assert not ruth.says("Only children of whom this holds")


def test_what_is_being_done_is_asked_kept_and_shown(service):
    case_id = _late(service, "Sam")["Sam"]
    ruth = service.signed_in("ruth")
    page = f"/overdue/{case_id}/answer"
    ruth.get(page)
    assert ruth.says("What is being done for Sam Whitlock?", "stays on the board")
    ruth.post(page, said="")
    assert ruth.says("Say why it is late, or what is being done about it")
    ruth.post(page, said="We visit on Monday", **{"by_on-day": "31", "by_on-month": "2", "by_on-year": "2030"})
    assert ruth.says("Enter a real date")
    by_on = service.clock.now() + timedelta(days=1)
    ruth.post(page, said="We visit on Monday", **day_boxes("by_on", by_on.date()))
    ruth.get("/overdue")
    assert ruth.says("We visit on Monday", "By tomorrow", "Critically overdue 1") and not ruth.says("has passed")
    service.clock.advance(timedelta(days=3))
    ruth = service.signed_in("ruth")
    ruth.get("/overdue")
    assert ruth.says("(that day has passed)")


def test_a_board_is_saved_shown_and_removed(service):
    _late(service, "Sam")
    ruth = service.signed_in("ruth")
    ruth.get("/overdue?state=overdue")
    ruth.post("/overdue/lists", name="Only late", state="overdue")
    ruth.get("/overdue")
    assert ruth.says("Only late") and "/overdue?state=overdue" in ruth.page
    ruth.post("/overdue/lists", name="")
    assert ruth.says("Enter a name for this list")
    ruth.get("/tasks")
    assert not ruth.says("Only late")


def test_the_board_says_of_which_authority_it_is_and_help_says_why_none_is_chosen(service):
    _late(service, "Sam")
    ruth = service.signed_in("ruth")
    ruth.get("/overdue")
    assert ruth.says("Children of Northcombe Council whose record is open to you")
    ruth.get("/help")
    assert ruth.says("Your account belongs to Northcombe Council", "has an account at each")


def test_where_cases_stand_has_the_diagram_the_tables_and_a_period(service):
    _late(service, "Sam")
    ruth = service.signed_in("ruth")
    ruth.get("/where-cases-stand")
    assert ruth.says("Where do cases stand?", "By stage", "Tasks that wait, step by step", "Perhaps forgotten")
    assert "data-diagram-heat" in ruth.page and "as of" in ruth.page
    ruth.get(
        "/where-cases-stand?from_on-day=1&from_on-month=1&from_on-year=2026&to_on-day=1&to_on-month=1&to_on-year=2025"
    )
    assert ruth.says("The last day must not be before the first")


def test_a_cell_that_looks_like_a_formula_stays_a_text():
    (head, row) = streamed(["A"], [["=1+1"]])
    assert (head, row) == ("\ufeffA\r\n", "'=1+1\r\n")


def test_where_more_work_than_a_list_can_hold_the_page_says_to_choose_a_team_first(service):
    _late(service, "Sam")
    ines, told = service.signed_in("ines"), "Choose a team or an agency and press Show"
    ines.get("/overdue")
    assert not ines.says(told) and ">Amara Osei</option>" in ines.page
    many = [Person(name=f"Nobody {number}", job_title="Nurse", agency="Health") for number in range(MOST_WORKERS)]
    setup.add_people(service.engine, authority_id=service.authority_id, new=many)
    ines.get("/overdue")
    assert ines.says(told, "Nobody leads") and ">Amara Osei</option>" not in ines.page
    (team,) = re.findall(r'<option value="([^"]+)">Early help</option>', ines.page)
    ines.get(f"/overdue?team={team}")
    assert not ines.says(told) and ">Amara Osei</option>" in ines.page
    ruth = service.signed_in("ruth")
    ruth.get("/overdue")
    assert not ruth.says(told), "who manages a few has them to choose from"
