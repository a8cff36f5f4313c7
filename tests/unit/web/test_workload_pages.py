"""Who has how much, and sharing it out, on the pages: chosen, looked at, begun, taken back; absences and caseloads."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from engine.casework.sharing_out import Helper, Wanted, allot, have_room, per_hour, usual_hours
from engine.commands import accounts, restrictions
from engine.operations.lead_professionals import appoint_lead_professional
from engine.store import locking
from engine.store.tables.people import practitioners as people
from engine.store.tables.running import user_tasks
from engine.work import open_work


def held(service, name: str) -> int:
    query = sa.select(sa.func.count()).where(
        user_tasks.c.assignee_id == service.ids[name], user_tasks.c.state == "open"
    )
    with service.engine.sessions.read() as connection:
        return connection.execute(query).scalar_one()


def lead(service, case_id, name: str) -> None:
    with service.engine.sessions.act() as connection:
        line = locking.case(connection, case_id)
        work = open_work(service.engine, connection, line, actor=None, at=service.engine.clock.now())
        appoint_lead_professional(work, {"lead_professional": service.ids[name]}, {})
        work.finish()


def test_it_counts_what_one_may_see_and_no_more(service):
    for name in ("Sam", "Ash", "Bea"):
        case_id = service.start_case(name)
    ruth = service.signed_in("ruth")
    page = ruth.get("/workload")
    assert ruth.says("Amara Osei Family support worker", "Dele Martins", "Ruth Adeyemi") and "Olu Bright" not in page
    row = re.search(r"Amara Osei.*?</tr>", page, re.DOTALL).group()
    assert re.findall(r'numeric" data-caf-column="Open tasks">.*?>(\d+)<', row) == ["3"]
    restrictions.restrict(service.engine, actor=service.actor("ines"), case_id=case_id, reason="A relative works here")
    row = re.search(r"Amara Osei.*?</tr>", ruth.get("/workload"), re.DOTALL).group()
    assert re.findall(r'numeric" data-caf-column="Open tasks">.*?>(\d+)<', row) == ["2"], "a count betrays a case"
    file = ruth.get("/workload.csv")
    assert "Amara Osei,Family support worker,Northcombe Council,Early help,0,2,0," in file
    ines = service.signed_in("ines")
    free = [line.split(",")[0] for line in ines.get("/workload.csv").splitlines() if line.endswith(",yes")]
    assert free == ["Dele Martins"], "nobody has room who does no case work, or who oversees that of others"
    assert "Olu Bright" in ines.get("/workload?sort=name")
    assert ines.get("/workload?sort=nonsense") and ines.says("Who has how much?")


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("the account", "Cannot sign in any more"),
        ("every role", "Has no role for this work any more"),
        ("the case worker's role", "Leads plans, and has no role that works with cases"),
    ],
)
def test_what_somebody_has_who_can_do_it_no_more_stays_in_sight_and_is_given_to_others(service, taken, said):
    case_id = service.start_case("Sam")
    lead(service, case_id, "Amara Osei")
    ruth, amara = service.signed_in("ruth"), service.ids["Amara Osei"]
    assert said not in ruth.get("/workload")
    olu = {"actor": service.actor("olu"), "practitioner_id": amara}
    if taken == "the account":
        accounts.end_account(service.engine, **olu)
    else:
        roles = {"every role": ["designer"], "the case worker's role": ["mag_member"]}[taken]
        accounts.set_roles(service.engine, **olu, roles=roles)
    page = ruth.get("/workload")
    assert f"<strong>{said}</strong>: give what they have to somebody else" in page
    row = re.search(r"Amara Osei.*?</tr>", page, re.DOTALL).group()
    assert re.findall(r'numeric" data-caf-column="(?:Plans led|Open tasks)">.*?>(\d+)<', row) == ["1", "1"]
    assert said in ruth.get(f"/workload/people/{amara}") and said in ruth.get("/workload.csv")
    assert "has room" not in row.lower()
    ruth.get(f"/workload/tasks?holder={amara}")
    assert ruth.says("Which tasks of Amara Osei are to go to others?", "1 task")
    assert ruth.get(f"/workload/people/{amara}/leads")
    with service.engine.sessions.read() as connection:
        own = (user_tasks.c.assignee_id == amara) & (user_tasks.c.state == "open")
        task_id = connection.execute(sa.select(user_tasks.c.id).where(own)).scalar_one()
    ruth.get(f"/tasks/{task_id}")
    ruth.post(f"/tasks/{task_id}/give", to=str(service.ids["Ruth Adeyemi"]))
    assert held(service, "Amara Osei") == 0


def test_tasks_are_chosen_looked_at_given_and_taken_back(service):
    for name in ("Sam", "Ash", "Bea"):
        service.start_shared(name)
    ruth, amara = service.signed_in("ruth"), service.ids["Amara Osei"]
    ruth.get(f"/workload/tasks?holder={amara}")
    assert ruth.says("Which tasks of Amara Osei are to go to others?", "3 tasks, the soonest due first")
    assert ruth.says("for Ash Whitlock")
    assert ">Amara Osei (0 plans, 3 tasks), Family support worker, Northcombe Council<" in ruth.page
    listed = ruth.page[ruth.page.index('<select class="govuk-select" id="to"') :]
    offered = re.findall(r'<option value="[^"]+">([^<,(]+?)(?: \(|,)', listed)
    working = {"Amara Osei", "Dele Martins", "Ines Ferreira", "Ruth Adeyemi"}
    assert set(offered) == working, "nobody who can take none of them, as a designer"
    ruth.post("/workload/tasks", holder=str(amara), how="hand", to="")
    assert ruth.status == 422 and ruth.says("Choose who is to have them")
    to = {"holder": str(amara), "how": "hand", "to": str(service.ids["Dele Martins"]), "why": "Amara is on a course"}
    ruth.post("/workload/tasks", **to)
    assert ruth.status == 422 and ruth.says("Choose at least one task")
    ruth.post("/workload/tasks", **to, every="yes")
    assert ruth.says("Is this what is to happen?", "3 tasks go to somebody else", "Why: Amara is on a course")
    assert ruth.says("What each would have then", "Dele Martins not said 0 3")
    assert held(service, "Amara Osei") == 3
    address = re.search(r'action="(/workload/batches/[^"]+)"', ruth.page).group(1)
    assert service.signed_in("dele").get(address) and held(service, "Dele Martins") == 0
    ruth.post(address, act="begin")
    assert ruth.says("3 of 3 tasks done", "Take it back") and held(service, "Dele Martins") == 3
    rows = ruth.get(f"{address}/results.csv").splitlines()
    assert len(rows) == 4 and rows[1].endswith("Amara Osei,Dele Martins,done,")
    assert service.signed_in("dele").get(f"{address}/results.csv") and ruth.get(address)
    ruth.post(address, act="begin")
    assert ruth.says("This has gone on meanwhile")
    ruth.post(address, act="undo")
    assert ruth.says("Taken back: Tasks given to others", "3 of 3 tasks done") and held(service, "Amara Osei") == 3
    ruth.get("/workload/batches")
    assert ruth.says("Taken back: Tasks given to others", "Ended, taken back")
    assert ruth.get(address) and ruth.says("This was taken back")
    ruth.post(address, act="dance")
    assert ruth.says("There is nothing of that name to do")


def test_a_plan_that_is_thrown_away_is_gone(service):
    service.start_case()
    ines = service.signed_in("ines")
    ines.get("/workload/tasks?stage=nonsense")
    assert ines.says("Who has how much?")
    ines.get("/overdue")
    assert "give tasks of these children to others" in ines.page
    ines.get("/workload/tasks?holder=" + str(service.ids["Amara Osei"]))
    ines.post("/workload/tasks", holder=str(service.ids["Amara Osei"]), every="yes", how="room")
    assert ines.says("Is this what is to happen?")
    address = re.search(r'action="(/workload/batches/[^"]+)"', ines.page).group(1)
    ines.post(address, act="drop")
    assert ines.says("Who has how much?") and ines.get(address) and ines.status == 404


def test_an_absence_is_covered_on_one_page_as_far_as_the_families_agree(service):
    case_id = service.start_shared()
    service.start_case("Ash")
    ruth, amara = service.signed_in("ruth"), service.ids["Amara Osei"]
    page = f"/workload/people/{amara}"
    ruth.get(page)
    assert ruth.says("Record or plan an absence, with cover", "Dele Martins (0 plans, 0 tasks")
    assert ruth.says("; may not open 1 of 2 cases")
    ruth.post(f"{page}/absence", **{"from_on-day": "31", "from_on-month": "2", "from_on-year": "2026"})
    assert ruth.status == 422 and ruth.says("Enter a real date")
    first = {"from_on-day": "2", "from_on-month": "3", "from_on-year": "2026"}
    ruth.post(f"{page}/absence", **first, reason="unplanned", covered_by=str(service.ids["Dele Martins"]))
    assert ruth.says("The absence is recorded. Whoever covers has been told", "Dele Martins covers")
    assert ">Amara Osei (away; 0 plans, 0 tasks), Family support worker" in ruth.get("/workload/tasks")
    for address in (page, page.replace("workload/", "")):
        ruth.get(address)
        assert ruth.says("Dele Martins may not open 1 of the 2 open cases", "Nobody covers there")
    assert held(service, "Dele Martins") == 1, case_id
    ruth.post(f"{page}/hours", hours="many")
    assert ruth.status == 422 and ruth.says("Enter whole hours a week")
    ruth.post(f"{page}/hours", hours="20")
    assert ruth.says("The hours are kept")
    with service.engine.sessions.read() as connection:
        kept = connection.execute(sa.select(people.c.weekly_hours).where(people.c.id == amara)).scalar()
    assert kept == 20
    lead(service, case_id, "Amara Osei")
    ruth.get(f"{page}/leads")
    assert ruth.says("proposed is Dele Martins, who covers")
    dele = str(service.ids["Dele Martins"])
    assert re.findall(r'<option value="([^"]+)" selected', ruth.page) == [dele], "who covers leads in between"
    olu = service.signed_in("olu")
    assert olu.get(page) and olu.status == 403


def test_a_leaver_s_caseload_is_handed_over_from_one_page(service):
    for name in ("Sam", "Ash"):
        lead(service, service.start_shared(name), "Amara Osei")
    ruth, amara = service.signed_in("ruth"), service.ids["Amara Osei"]
    page = f"/workload/people/{amara}/leads"
    ruth.get(page)
    assert ruth.says("2 plans: proposed is whoever of the same agency", "Ash Whitlock", "Sam Whitlock")
    chosen = dict(re.findall(r'name="(lead-[^"]+)".*?value="([^"]+)" selected', ruth.page, re.DOTALL))
    assert len(chosen) == 0, "nobody else whom she manages is of that agency"
    assert ">Dele Martins (0 plans, 0 tasks, has room), Health visitor, Northcombe NHS<" in ruth.page, "what each has"
    names = re.findall(r'name="(lead-[^"]+)"', ruth.page)
    leads = {name: str(service.ids["Dele Martins"]) for name in names}
    on = {"on-day": "16", "on-month": "3", "on-year": "2026"}
    ruth.post(page, **leads, **on, how="handovers", why="")
    assert ruth.status == 422 and ruth.says("Say why the lead is to change")
    ruth.post(page, **leads, **on, how="handovers", why="Amara leaves at the end of March")
    assert ruth.says("2 plans get a proposal: the family is told first")
    address = re.search(r'action="(/workload/batches/[^"]+)"', ruth.page).group(1)
    ruth.post(address, act="begin")
    assert ruth.says("2 of 2 plans done", "The family is to be told first"), ruth.page
    ruth.get(page)
    assert ruth.says("Dele Martins is asked already")
    ruth.get(f"/workload/people/{amara}")
    assert ruth.says("Plans they lead", "Dele Martins is asked to lead it")


def test_a_program_shares_work_out_too(service):
    service.start_shared()
    client = service.app.test_client()
    token = client.post("/api/session", json={"username": "ruth", "password": "correct horse battery"}).json["token"]
    sent = {"headers": {"Authorization": f"Bearer {token}"}}
    found = client.get("/api/workload", **sent).json
    assert {row["name"]: row["tasks"] for row in found["rows"]}["Amara Osei"] == 1
    ids = client.get(f"/api/workload/tasks?holder={service.ids['Amara Osei']}", **sent).json["ids"]
    given = {"tasks": ids, "to": str(service.ids["Dele Martins"])}
    batch = client.post("/api/workload/tasks", json=given, **sent).json["batch_id"]
    assert client.post(f"/api/workload/batches/{batch}/begin", **sent).status_code == 204
    read = client.get(f"/api/workload/batches/{batch}", **sent).json
    assert (read["summary"]["done"], read["items"][0]["to"]) == (1, "Dele Martins")
    assert client.post(f"/api/workload/batches/{batch}/pause", **sent).status_code == 409
    assert client.post(f"/api/workload/batches/{batch}/undo", json={}, **sent).status_code == 201
    assert client.delete(f"/api/workload/batches/{batch}", **sent).status_code == 409


def test_a_look_at_work_to_be_given_says_whose_hours_it_is_too_much_for(service):
    for number in range(9):
        service.start_shared(f"Sam{number}")
    ruth, dele = service.signed_in("ruth"), service.ids["Dele Martins"]
    amara = service.ids["Amara Osei"]
    ruth.post(f"/workload/people/{amara}/hours", hours="36")
    for hours in ("36", "3"):
        ruth.post(f"/workload/people/{dele}/hours", hours=hours)
        ruth.post("/workload/tasks", holder=str(amara), every="yes", how="hand", to=str(dele))
        assert ruth.says("What each would have then", f"{hours} 0 9")
        assert ruth.says("More than twice what others here have") is (hours == "3"), hours


@pytest.mark.parametrize(
    ("loads", "room"),
    [
        ({}, set()),
        ({"a": 1.0}, set()),
        ({"a": 1.0, "b": 2.0, "c": 9.0}, {"a"}),
        ({"a": 0.0, "b": 0.0, "c": 3.0}, {"a", "b"}),
    ],
)
def test_who_has_room_has_less_than_the_middle(loads, room):
    assert have_room(loads) == room


def test_hours_that_nobody_has_said_count_as_the_middle_of_the_others():
    assert (usual_hours([10, None, 30]), usual_hours([None]), per_hour(6, None, 20.0)) == (20.0, 1.0, 0.3)


def test_work_goes_to_who_has_least_for_their_hours_and_may_have_it():
    roles = frozenset({"case_worker"})
    full, half = (Helper(key, key, "a", roles, 0, hours) for key, hours in (("full", 36), ("half", 18)))
    other = Helper("other", "other", "b", roles, 0)
    work = [Wanted(number, number, None, "a", roles) for number in range(6)]
    found = allot(work, [full, half, other], lambda each, helper: (each.key, helper.id) != (0, "full"))
    assert found[0] == "half" and sorted(found.values()) == ["full"] * 4 + ["half"] * 2
    assert allot(work[:1], [other], lambda each, helper: True) == {}


def test_who_covers_is_asked_first_but_not_past_the_fullest_of_those_who_could_take_it():
    roles = frozenset({"case_worker"})
    cover = Helper("cover", "cover", "a", roles, 3, covers=frozenset({"away"}))
    others = [Helper("fullest", "fullest", "a", roles, 5), Helper("idle", "idle", "a", roles, 0)]
    work = [Wanted(number, number, "away", "a", roles) for number in range(9)]
    found = list(allot(work, [cover, *others], lambda each, helper: True).values())
    assert found[:2] == ["cover", "cover"] and found[2:7] == ["idle"] * 5, "then whoever has least"
    assert sorted(found[7:]) == ["cover", "fullest"], "and only when all have as much is anybody given more"
    alone = allot(work, [cover], lambda each, helper: True)
    assert set(alone.values()) == {"cover"} and len(alone) == 9, "nobody else may take it"
