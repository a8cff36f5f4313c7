"""People, one's own account and the authority, on the pages."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.authorities import read_shipped
from engine.casework.permissions import ROLES
from engine.commands import authorities, cases, deployments, practitioners, setup
from engine.operations.lead_professionals import appoint_lead_professional
from engine.options import options_for
from engine.store import locking
from engine.store.tables import people
from engine.store.tables.keeping import outbox
from engine.work import open_work
from tests.small_files import asking
from tests.unit.web.service import PASSWORD
from web.people import ROLE_WORDS

NEW = {
    "name": "Lena Fox", "agency": "Northcombe NHS", "job_title": "Midwife", "username": "lena", "roles": "case_worker",
}  # fmt: skip
OWN = "four words nobody guesses"


def day(name: str, day: int, month: int, year: int) -> dict[str, str]:
    return {f"{name}-day": str(day), f"{name}-month": str(month), f"{name}-year": str(year)}


def shown_password(page: str) -> str:
    found = re.search(r'class="caf-password">([^<]+)<', page)
    assert found
    return found.group(1)


def test_every_role_has_its_words() -> None:
    assert tuple(ROLE_WORDS) == ROLES


def test_a_new_person_gets_a_password_once_and_has_to_change_it(service):
    olu = service.signed_in("olu")
    password = shown_password(olu.post("/people/add", **NEW))
    assert olu.says("Give Lena Fox this password", "shown only now")
    lena = service.visitor()
    lena.sign_in("lena", password)
    assert lena.says("Your account", "Choose one that only you know")
    assert "Your account" in lena.get("/cases") and "At risk of harm" not in lena.page
    assert "999" in lena.get("/concern")
    lena.get("/account")
    lena.post("/account/password", present=password, new=OWN, again="another one entirely")
    assert lena.status == 422 and lena.says("not the same")
    lena.post("/account/password", present=password, new=OWN, again=OWN)
    assert lena.says("Your password is changed", "My work")
    assert password not in olu.get("/people")


def test_a_program_with_a_given_password_is_told_to_choose_one(service):
    olu = service.signed_in("olu")
    password = shown_password(olu.post("/people/add", **NEW))
    client = service.app.test_client()
    token = client.post("/api/session", json={"username": "lena", "password": password}).get_json()["token"]
    answer = client.get("/api/tasks", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403 and "own password" in answer.get_json()["detail"]


def test_what_is_missing_is_said_and_what_was_typed_stays(service):
    olu = service.signed_in("olu")
    olu.post("/people/add", **{**NEW, "agency": "", "username": "amara"})
    assert olu.status == 422 and olu.says("Enter the agency they work for")
    assert 'value="Lena Fox"' in olu.page and re.search(r'value="case_worker" checked', olu.page)
    olu.post("/people/add", **{**NEW, "username": "amara"})
    assert olu.says("The user name 'amara' is taken")


def test_other_sessions_are_ended_on_the_page(service):
    here, there = service.signed_in("amara"), service.signed_in("amara")
    assert "Sign out everywhere else" in here.get("/account")
    here.post("/account/sessions")
    assert here.says("signed out everywhere else") and "Sign out everywhere else" not in here.get("/account")
    assert "Sign in" in there.get("/tasks")


def test_a_manager_records_an_absence_and_its_end(service):
    ruth, page = service.signed_in("ruth"), f"/people/{service.ids['Amara Osei']}"
    assert ruth.get("/people") and ruth.says("Amara Osei", "Dele Martins") and not ruth.says("Olu Bright")
    ruth.get(page)
    assert ruth.says("Record an absence") and not ruth.says("Set the roles")
    offered = re.search(r'<select[^>]*name="covered_by".*?</select>', ruth.page, re.DOTALL)
    assert offered and "Dele Martins" in offered[0] and "Tomas Reid" not in offered[0]
    ruth.post(f"{page}/absence", reason="planned")
    assert ruth.status == 422 and ruth.says("Enter the first day")
    cover = str(service.ids["Dele Martins"])
    days = {**day("from_on", 2, 3, 2026), **day("expected_to_on", 6, 3, 2026)}
    ruth.post(f"{page}/absence", reason="planned", covered_by=cover, **days)
    assert ruth.says("The absence is recorded", "Covered by Dele Martins")
    assert ruth.get("/people") and ruth.says("Away from Monday 2 March to Friday 6 March")
    ruth.get(page)
    found = re.search(r'action="([^"]+/absence/[^"]+/end)"', ruth.page)
    assert found
    ruth.post(found.group(1))
    assert ruth.says("they are here") and not ruth.says("Covered by")


def test_a_manager_records_a_last_day(service):
    service.start_case()
    ruth, page = service.signed_in("ruth"), f"/people/{service.ids['Amara Osei']}"
    ruth.get(page)
    ruth.post(f"{page}/leaving", **day("last_day", 31, 2, 2026))
    assert ruth.status == 422 and ruth.says("Enter a real date")
    ruth.post(f"{page}/leaving", **day("last_day", 20, 3, 2026))
    assert ruth.says("end after Friday 20 March", "still to come")
    ruth.post(f"{page}/staying")
    assert ruth.says("they stay")
    ruth.post(f"{page}/leaving", **day("last_day", 27, 2, 2026))
    assert ruth.says("Their account is closed, 1 task went back", "no plan is without its lead")
    ruth.post(f"{page}/leaving", **day("last_day", 27, 2, 2026))
    assert ruth.status == 409 and ruth.says("has left already")
    assert "The user name or password is not right" in service.visitor().sign_in("amara")
    olu, page = service.signed_in("olu"), f"/people/{service.ids['Amara Osei']}"
    olu.get(page)
    olu.post(f"{page}/staying")
    assert olu.status == 422 and olu.says("Say why: Amara Osei has left already")
    olu.post(f"{page}/staying", stays_why="The day was another Amara's")
    assert olu.says("account is open again", "tasks that went back stay where they are")
    assert "My work" in service.visitor().sign_in("amara")


def test_the_only_administrator_is_told_so(service):
    ines, page = service.signed_in("ines"), f"/people/{service.ids['Olu Bright']}"
    ines.get(page)
    ines.post(f"{page}/leaving", **day("last_day", 20, 3, 2026))
    assert ines.status == 422 and ines.says("This is the only administrator. Make somebody else an administrator first")


def test_an_administrator_sets_roles_manager_password_and_ends_the_account(service):
    olu, page = service.signed_in("olu"), f"/people/{service.ids['Dele Martins']}"
    olu.get(page)
    olu.post(f"{page}/roles", roles="mag_member")
    assert olu.says("The roles are set", "Member of the Multi-Agency Group")
    olu.post(f"{page}/manager", manager_id=str(service.ids["Ines Ferreira"]))
    assert olu.says("The line manager is set", "Ines Ferreira")
    olu.post(f"{page}/manager", manager_id="nonsense")
    assert olu.status == 422
    password = shown_password(olu.post(f"{page}/password"))
    assert "Your account" in service.visitor().sign_in("dele", password)
    olu.get(page)
    olu.post(f"{page}/end-account")
    assert olu.says("The account is closed", "None: cannot sign in")
    assert "is not right" in service.visitor().sign_in("dele", PASSWORD)


def test_a_page_of_somebody_else_s_people_is_not_found(service):
    ruth = service.signed_in("ruth")
    ruth.get(f"/people/{service.ids['Olu Bright']}")
    assert ruth.status == 404


def test_the_authority_is_set_and_its_term_is_said(service):
    olu = service.signed_in("olu")
    page = olu.get("/authority")
    assert "Children&#39;s social care" in page and 'value="TAC" checked' in page
    settings = {
        "name": "Northcombe Borough", "team": "Multi Agency Support Team", "meeting_term": "TAF", "nation": "scotland",
        "number-0-name": "Social care", "number-0-phone": "01632 960999", "mags": "North: 3/12/2026\nSouth\n",
    }  # fmt: skip
    olu.post("/authority", **settings)
    assert olu.says("The settings are changed", "Northcombe Borough") and 'value="TAF" checked' in olu.page
    assert "North: 3/12/2026\nSouth" in olu.page
    assert "01632 960999" in olu.get("/concern")
    olu.get("/authority")
    olu.post("/authority", **{**settings, "number-0-phone": ""})
    assert olu.status == 422 and olu.says("Give each number to ring a name and a phone number")
    olu.get("/authority")
    olu.post("/authority", **settings, brand_colour="#ffcc00", link_colour="#00308f", logo_text="Northcombe")
    assert olu.status == 422 and olu.says("too pale to be read", "its contrast is 1.4 to 1") and "#ffcc00" in olu.page
    olu.post("/authority", **settings, brand_colour="#800000", link_colour="", logo_text="Northcombe")
    stranger = service.visitor()
    for page in (olu.get("/cases"), stranger.get("/sign-in")):
        assert 'caf-header__logo">Northcombe<' in page and 'href="/look/800000-own.css"' in page
    sheet = stranger.get("/look/800000-own.css")
    assert "--govuk-brand-colour:#800000;" in sheet and "link" not in sheet
    stranger.get("/look/800000-zzz.css")
    assert stranger.status == 404
    olu.get("/authority")
    olu.post("/authority", **settings, version="1")
    assert olu.status == 409 and olu.says("Somebody changed this a moment ago")
    olu.post("/authority", **{**settings, "team": "Duty team"}, version="abc")
    assert olu.status == 422 and olu.says("This page was changed on its way here") and "Duty team" in olu.page


def test_what_was_changed_says_who_and_from_what_to_what(service):
    olu = service.signed_in("olu")
    olu.get("/authority")
    for phone, term, group in (("01632 960111", "TAC", ""), ("01632 960222", "TAF", "North (Fellside): 3/12/2026")):
        typed = {"name": "Northcombe Council", "nation": "england-and-wales", "phone": phone, "meeting_term": term}
        typed |= {"mags": group}
        olu.post("/authority", **typed, **{"number-0-name": "MASH", "number-0-phone": "01632 960101"})
        assert olu.says("The settings are changed")
    olu.get("/authority/history")
    assert olu.says("Phone: from 01632 960111 to 01632 960222", "Olu Bright")
    assert olu.says("What the team round a child is called: from TAC to TAF")
    assert olu.says("North, area: from nothing to Fellside", "North, next meetings: from nothing to 3 December 2026")
    assert not olu.says("Whose bank holidays count: from") and not olu.says("Checklist")
    assert olu.get("/authority/history?of=people") and olu.says("People were added")
    assert olu.get("/authority/history?of=calendar") and olu.says("Nothing of this has been changed yet")
    assert olu.get("/authority/history?of=cases") and olu.says("Phone: from")


def test_a_closure_shows_what_it_moves_before_it_is_made_and_is_ended_again(service):
    service.start_case("Sam")
    olu = service.signed_in("olu")
    olu.get("/authority/calendar")
    closed = {**day("first_on", 3, 3, 2026), "name": "Staff training", "why": "Decided in May"}
    olu.post("/authority/calendar", **{**closed, "why": ""})
    assert olu.status == 422 and olu.says("Say why the calendar changes")
    olu.post("/authority/calendar", **closed)
    assert olu.says("What would move", "1 due date", "Tuesday 3 March, Staff training: closed", "Northcombe Council")
    assert not olu.says("Sam")  # an administrator reads no case
    shown = {name: olu.hidden(name) for name in ("version", "name", "why")}
    olu.post("/authority/calendar", **shown | closed, act="do")
    assert olu.says("The calendar is changed", "1 due date", "moved on 1 case")
    assert olu.says("Staff training: closed", "Decided in May")
    olu.post("/authority/calendar", **closed)
    assert olu.status == 409 and olu.says("on the list already")
    (link,) = set(re.findall(r'href="(/authority/calendar/[0-9a-f-]+)"', olu.page))
    olu.get(link)
    olu.post(link, why="Called off")
    assert olu.status == 422 and olu.says("Choose what is to be done")
    olu.post(link, what="end", why="Called off")
    assert olu.says("a working day again", "1 earlier")
    olu.post(link, what="end", why="Called off", act="do", version=olu.hidden("version"))
    assert olu.says("No day is on the list", "Called off")


def test_an_interim_lead_is_appointed_where_the_lead_is_away(service):
    case_id = service.start_case()
    lead = {"lead_professional": str(service.ids["Amara Osei"])}
    give_lead(service, case_id, lead)
    ruth, page = service.signed_in("ruth"), f"/cases/{case_id}"
    assert "Appoint an interim lead" not in ruth.get(page)
    ruth.get(f"{page}/interim-lead")
    assert ruth.says("Amara Osei leads this plan and is here.", "record the absence") and "<select" not in ruth.page
    ruth.post(f"{page}/interim-lead", practitioner_id=str(service.ids["Dele Martins"]), reasons="She knows them")
    assert ruth.status == 409 and ruth.says("leads this plan and is here", "What you typed", "She knows them")
    practitioners.record_absence(
        service.engine, actor=service.actor("ruth"), practitioner_id=service.ids["Amara Osei"],
        from_on=date(2026, 3, 2), expected_to_on=date(2026, 3, 20),
    )  # fmt: skip
    ruth.get(page)
    assert ruth.says("Amara Osei is away until 20 March. Nobody covers for them.", "Appoint an interim lead")
    ruth.get(f"{page}/interim-lead")
    assert ruth.says("Somebody who leads cases is not on the list, as the plan is not shared with their agency")
    ruth.post(f"{page}/interim-lead", practitioner_id=str(service.ids["Dele Martins"]))
    assert ruth.status == 422 and ruth.says("The family has not been asked yet, so Dele Martins (Northcombe NHS)")
    service.agree(case_id)
    ruth.get(f"{page}/interim-lead")
    able = set(re.findall(r'<option value="([^"]+)"', ruth.page))
    assert str(service.ids["Dele Martins"]) in able
    assert not able & {str(service.ids[name]) for name in ("Tomas Reid", "Olu Bright")}, "no designer, no administrator"
    ruth.post(f"{page}/interim-lead")
    assert ruth.status == 422 and ruth.says("Choose who stands in")
    ruth.post(f"{page}/interim-lead", practitioner_id=str(service.ids["Dele Martins"]))
    assert ruth.says("The interim lead is appointed", "Dele Martins, interim since Monday 2 March")
    assert not ruth.says("Appoint an interim lead")


def test_a_plan_whose_lead_left_says_that_nobody_leads(service):
    case_id = service.start_case()
    give_lead(service, case_id, {"lead_professional": str(service.ids["Amara Osei"])})
    practitioners.record_leaving(
        service.engine, actor=service.actor("ruth"), practitioner_id=service.ids["Amara Osei"],
        last_day=date(2026, 2, 27),
    )  # fmt: skip
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}")
    assert ruth.says("Nobody since Friday 27 February", "Appoint an interim lead")


def give_lead(service, case_id, answers) -> None:
    """Make somebody the lead professional, as the diagram's task does."""
    with service.engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(service.engine, connection, case, actor=None, at=service.clock.now())
        appoint_lead_professional(work, answers, {})
        work.finish()


def test_a_new_task_and_its_form_say_the_local_term(service):
    form = b"""{"type": "default", "id": "ask", "components": [
        {"type": "textfield", "id": "field_1", "key": "venue", "label": "Where does the TAC meet?"}]}"""
    diagram = asking("ask", name="Ask the TAC")
    deployments.deploy(service.engine, authority_id=service.authority_id, files={"s.bpmn": diagram, "ask.form": form})
    authorities.change(
        service.engine, actor=service.actor("olu"), name="Northcombe", nation="scotland",
        profile={"meeting_term": "TAYP"},
    )  # fmt: skip
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
    cases.start(service.engine, actor=service.actor("amara"), child=child, process_key="small")
    amara = service.signed_in("amara")
    page = amara.get("/tasks?whose=unclaimed")
    address = re.search(r"/tasks/[0-9a-f-]{36}", page)
    assert address and "Ask the TAYP" in page
    amara.get(address.group())
    assert amara.says("Where does the TAYP meet?") and not amara.says("TAC meet")


def test_barnet_s_contacts_are_on_the_authority_page_in_help_and_below_messages(service):
    barnet = read_shipped("barnet")
    known = {"profile": barnet.profile, "name": barnet.name, "nation": barnet.nation}
    setup.set_profile(service.engine, authority_id=service.authority_id, **known)
    olu = service.signed_in("olu")
    page = olu.get("/authority")
    assert "South MAG (south of the borough)" in page and "0871 911 6184" in page and "N11 1NP" in page
    settings = {"name": barnet.name, "nation": "england-and-wales", "meeting_term": "TAC", "phone": "020 8359 4405"}
    olu.post("/authority", **settings, team="Multi Agency Support Team", mags="South MAG (the south): 3/12/2026\nWest")
    assert "South MAG (the south): 3/12/2026\nWest" in olu.page
    amara = service.signed_in("amara")
    amara.get("/help")
    assert amara.says("Who to ring", "Multi Agency Support Team", "020 8359 4405", "South MAG, the south")
    case_id = service.start_case("Sam")
    give_lead(service, case_id, {"lead_professional": str(service.ids["Dele Martins"])})
    with service.engine.sessions.read() as connection:
        (body,) = connection.execute(sa.select(outbox.c.body)).scalars()
    foot = "\n\nMulti Agency Support Team\nLondon Borough of Barnet\nPhone 020 8359 4405"
    assert body.endswith(foot)


def test_the_groups_offered_say_which_area_they_serve(service):
    setup.set_profile(service.engine, authority_id=service.authority_id, profile=read_shipped("barnet").profile)
    case_id = service.start_case("Sam")
    with service.engine.sessions.read() as connection:
        latest = service.engine.library.authority(connection, service.authority_id, 0).latest
        form = service.engine.library.form(connection, latest["form", "screen_mag_papers"])
        offered = options_for(connection, form, authority_id=service.authority_id, case_id=case_id)["mags"]
    assert [(each.value, each.label) for each in offered][1] == ("South MAG", "South MAG (south of the borough)")


def test_job_roles_are_a_list_that_the_authority_keeps_with_its_history(service):
    olu, amara = service.signed_in("olu"), service.signed_in("amara")
    assert 'href="/directory/roles"' in olu.get("/authority")
    olu.get("/directory/roles")
    olu.post("/directory/roles", name="  Portage   worker ")
    assert olu.says("The role is on the list.", "Portage worker", "Added “Portage worker”: Olu")
    olu.post("/directory/roles", name="portage WORKER")
    assert olu.status == 409 and olu.says("“Portage worker” is on the list already")
    assert '<option value="Portage worker">' in olu.get("/people/add")
    olu.post("/people/add", name="Wynn Hart", agency="Northcombe NHS", job_title="Portage worker")
    (wynn,) = set(re.findall(r'href="/people/([0-9a-f-]{36})"[^>]*>Wynn Hart', olu.get("/people")))
    olu.get("/people/add")
    olu.post("/people/add", name="Wynn Hart", agency="Northcombe NHS", job_title="Wizard")
    assert olu.status == 422 and olu.says("Choose a role from the list")
    olu.post("/directory/roles/rename", role="Portage worker", to="Portage adviser")
    assert olu.says("The role is renamed, for 1 person.", "Called “Portage worker” “Portage adviser”")
    assert "Wynn Hart" in amara.get("/directory?job_title=Portage+adviser")
    olu.post("/directory/roles/retire", role="Portage adviser")
    assert olu.says("1 person still has it")
    assert '<option value="Portage adviser">' not in olu.get("/people/add")
    assert '<option value="Portage adviser" selected>' in olu.get(f"/people/{wynn}")
    olu.post(f"/people/{wynn}/job-role", job_title="Midwife")
    assert olu.says("The role is set.", "Midwife, Northcombe NHS")
    olu.post(f"/people/{wynn}/job-role", job_title="Portage adviser")
    assert olu.status == 422
    olu.post("/directory/roles/take-back", role="Portage adviser")
    assert '<option value="Portage adviser">' in olu.get("/people/add")
    amara.get("/directory/roles")
    assert amara.status == 403


def test_teams_say_who_is_in_them_since_when_and_who_changed_that(service):
    olu = service.signed_in("olu")
    olu.get("/people/teams")
    olu.post("/people/teams", name="Early years", agency_id="")
    assert olu.status == 422 and olu.says("Choose the agency") and 'value="Early years"' in olu.page
    olu.post("/people/teams", name="Northcombe Homes", agency_id="new")
    agency = re.search(r'href="/people/teams/([^"]+)">Northcombe Homes', olu.page)[1]
    olu.post("/people/teams", name="Early  years", agency_id=agency)
    team = re.search(r'href="(/people/teams/[^"]+)">Early years', olu.page)[1]
    olu.post("/people/teams", name="early years", agency_id=agency)
    assert olu.status == 409 and olu.says("There is “Early years” already")
    olu.get(team)
    amara = str(service.ids["Amara Osei"])
    olu.post(f"{team}/join", practitioner_id=amara, **day("from_on", 5, 3, 2036))
    assert olu.status == 422 and olu.says("Enter a day that has come")
    olu.post(f"{team}/join", practitioner_id=amara, **day("from_on", 2, 2, 2026))
    assert olu.says("They are in the team", "Since Monday 2 February")
    assert service.actor("amara").team_ids >= {UUID(team.rsplit("/", 1)[1])}
    olu.post(f"{team}/leave", leaver_id=amara, **day("to_on", 1, 2, 2026))
    assert olu.status == 422 and olu.says("from when they joined up to today")
    olu.post(f"{team}/leave", leaver_id=amara, **day("to_on", 2, 3, 2026))
    assert olu.says("Nobody is in this team", "Left: Monday 2 February to Monday 2 March")
    olu.post(f"{team}/rename", to="Under fives")
    assert olu.says("Under fives") and olu.get("/people/teams") and olu.says("Left: Amara Osei")
    olu.post(f"{team}/join", practitioner_id=amara, **day("from_on", 2, 3, 2026))
    olu.post(f"{team}/close", heir_id="")
    assert olu.status == 422 and olu.says("Choose where its people go")
    olu.post(f"/people/teams/{agency}/close", heir_id="")
    assert olu.status == 422 and olu.says("Close its teams first")
    olu.post("/people/teams", name="Over fives", agency_id=agency)
    other = re.search(r'href="/people/teams/([^"]+)">Over fives', olu.page)[1]
    olu.post(f"{team}/close", heir_id=other)
    assert olu.says("1 person goes over", "It closed on Monday 2 March") and not olu.says("Somebody joins")
    assert service.actor("amara").team_ids >= {UUID(other)}
    lines = olu.client.get("/people/teams.csv").text
    assert "Under fives,2026-03-02,Amara Osei" in lines and "Over fives,,Amara Osei" in lines
    olu.post(f"{team}/join", practitioner_id=amara, **day("from_on", 2, 3, 2026))
    assert olu.status == 409 and olu.says("“Under fives” is closed")
    board = service.signed_in("ruth").get("/overdue")
    assert "Under fives" not in board and "Over fives" in board
    olu.post(f"{team}/reopen")
    assert olu.says("It is open again", "Somebody joins", "It closes")
    olu.post("/people/teams", name="Elsewhere", agency_id="new")
    gone = re.search(r'href="/people/teams/([^"]+)">Elsewhere', olu.page)[1]
    with service.engine.sessions.act() as connection:
        of_amara = people.practitioners.c.id == service.ids["Amara Osei"]
        connection.execute(sa.update(people.practitioners).where(of_amara).values(agency_id=UUID(gone)))
    olu.get(f"/people/teams/{gone}")
    olu.post(f"/people/teams/{gone}/close", heir_id=gone)
    assert olu.status == 422 and olu.says("Choose one that stays open")
    olu.post(f"/people/teams/{gone}/close", heir_id=agency)
    assert olu.says("1 person goes over", "It closed on Monday 2 March")
    assert "Amara Osei,Family support worker,Northcombe Homes" in olu.client.get("/directory.csv?words=amara").text
    olu.get("/authority/history?of=people")
    assert olu.says("The agency Elsewhere closed; 1 person went to Northcombe Homes")
    assert olu.says("The team Under fives closed; 1 person went to Over fives", "The team Under fives is open again")
    assert olu.says("Amara Osei joined Early years", "Amara Osei left Early years", "Olu Bright")
    assert service.signed_in("amara").get("/people/teams") and olu.get(f"/people/teams/{amara}") and olu.status == 404


def test_how_long_records_are_kept_is_looked_at_before_it_is_set(service):
    olu = service.signed_in("olu")
    assert olu.get("/authority/retention") and olu.says("Without a rule everything is kept", "Nothing yet")
    olu.post("/authority/retention", files_years="", files_age="25")
    assert olu.status == 422 and olu.says("Enter after how many years") and 'value="25"' in olu.page
    olu.post("/authority/retention", record_years="six", kept="")
    assert olu.status == 422 and olu.says("Enter a whole number of years") and 'value="six"' in olu.page
    wanted = {"record_years": "6", "record_age": "25", "kept": "CAF-1\n"}
    olu.post("/authority/retention", **wanted)
    assert olu.says("What these rules would erase", "of no case today", "cannot be brought back")
    assert not olu.says("erase nothing before")
    olu.post("/authority/retention", **wanted, act="do")
    assert olu.says("The rules are set", "These rules erase nothing before Monday 9 March") and "CAF-1" in olu.page
    olu.post("/authority/retention", **{**wanted, "record_years": "7"}, act="do")
    olu.get("/authority/history")
    assert olu.says("Erasing record: from 6 years after closing, not before the age of 25 to 7 years after closing")
