"""My work as a person without JavaScript uses it: tasks and actions, others' work, put off, lists saved by name."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.queries import my_work
from engine.queries.my_work import Choice
from engine.store.tables.people import authorities
from engine.store.tables.record import action_plans, lead_professionals, plan_actions
from engine.store.tables.running import user_tasks
from web import my_work as web_my_work


def add_action(service, case_id: UUID, owner: str, words: str, *, due_in: int) -> UUID:
    """Write an open action of a plan, due so many days from today."""
    today = service.clock.now().date()
    plan, action = service.engine.ids.new(), service.engine.ids.new()
    common = {"authority_id": service.authority_id, "case_id": case_id}
    due = today + timedelta(days=due_in)
    with service.engine.sessions.act() as connection:
        found = connection.execute(sa.select(action_plans.c.id).where(action_plans.c.case_id == case_id)).scalar()
        if found is None:
            connection.execute(sa.insert(action_plans).values(id=plan, agreed_on=today, **common))
        connection.execute(
            sa.insert(plan_actions).values(
                id=action, plan_id=found or plan, action=words, owner_id=service.ids[owner], due_on=due,
                first_due_on=due, **common,
            )
        )  # fmt: skip
    return action


def lead(service, case_id: UUID, who: str) -> None:
    row = {"id": service.engine.ids.new(), "authority_id": service.authority_id, "case_id": case_id}
    row |= {"practitioner_id": service.ids[who], "from_on": service.clock.now().date()}
    with service.engine.sessions.act() as connection:
        connection.execute(sa.insert(lead_professionals).values(**row))


def task_of(service, case_id: UUID) -> UUID:
    with service.engine.sessions.read() as connection:
        query = sa.select(user_tasks.c.id).where(user_tasks.c.case_id == case_id, user_tasks.c.state == "open")
        return connection.execute(query).scalars().one()


def test_tasks_and_ones_own_actions_stand_in_one_list_soonest_first(service):
    case_id = service.start_case("Sam")
    add_action(service, case_id, "Amara Osei", "Ring the breakfast club", due_in=1)
    add_action(service, case_id, "Dele Martins", "Weigh the baby", due_in=1)
    page = service.signed_in("amara").get("/tasks")
    assert page.index("Ring the breakfast club") < page.index("Ask for the family")
    assert "Weigh the baby" not in page
    assert f'href="/cases/{case_id}#progress-' in page


def test_an_action_is_not_shown_to_who_may_not_see_its_case(service):
    case_id = service.start_case("Sam")
    add_action(service, case_id, "Tomas Reid", "Not for him to see", due_in=1)
    assert "Not for him to see" not in service.signed_in("tomas").get("/tasks")


@pytest.mark.parametrize(
    ("address", "shown", "not_shown"),
    [
        ("/tasks?what=tasks", "Ask for the family", "Ring the club"),
        ("/tasks?what=actions", "Ring the club", "Ask for the family"),
        ("/tasks?due=week", "Ring the club", "In the far future"),
        ("/tasks?due=late", "Nothing is left with these choices", "Ring the club"),
        ("/tasks?process=caf_episode", "Nothing is left with these choices", "Ring the club"),
    ],
)
def test_the_address_says_what_is_shown(service, address, shown, not_shown):
    case_id = service.start_case("Sam")
    add_action(service, case_id, "Amara Osei", "Ring the club", due_in=1)
    add_action(service, case_id, "Amara Osei", "In the far future", due_in=90)
    visitor = service.signed_in("amara")
    visitor.get(address)
    assert visitor.says(shown) and not visitor.says(not_shown)


def test_pages_hold_tasks_and_actions_each_once_in_order(service):
    case_id = service.start_case("Sam")
    for days in (1, 3, 3, 5, 40, 41):
        add_action(service, case_id, "Amara Osei", f"Action in {days} days", due_in=days)
    actor, found, after = service.actor("amara"), [], None
    while True:
        page = my_work.read(service.engine, actor=actor, choice=Choice(), after=after, limit=2)
        found += page.rows
        after = page.next
        if after is None:
            break
    assert len(found) == 7 == len({my_work.id_of(row) for row in found})
    assert [row.due_on for row in found] == sorted(row.due_on for row in found)


def test_a_long_page_opens_with_the_soonest_and_folds_the_rest_with_its_count(service):
    case_id = service.start_case("Sam")
    most = web_my_work.FIRST + web_my_work.FEW
    for number in range(most - 1):
        add_action(service, case_id, "Amara Osei", f"Action {number}", due_in=-3 if number < 12 else 60)
    amara = service.signed_in("amara")
    short = amara.get("/tasks").split("<main")[1]
    assert short.count('<li class="caf-row') == most
    assert short.count("<details") == 1, "what narrows the list, and no more"
    add_action(service, case_id, "Amara Osei", "The last of all", due_in=61)
    page = amara.get("/tasks").split("<main")[1]
    assert page.count('<li class="caf-row') == most + 1, "all of it stands on the page without a script"
    assert amara.says("Overdue 12", "Overdue: 2 more", "Due soon 1", "Not due yet 2")
    first, later = page.split("Overdue: 2 more")
    assert first.count('<li class="caf-row') == web_my_work.FIRST
    assert len(re.findall(r"<details[^>]*><summary>\s*<h2", later)) == 2, "what is folded whole keeps its heading"
    assert " open>" not in page
    with service.engine.sessions.act() as connection:
        connection.execute(sa.update(plan_actions).values(owner_id=service.ids["Dele Martins"]))
    first, later = amara.get("/tasks/waiting").split("<main")[1].split("Overdue: 7 more")
    assert first.count('<li class="caf-row') == web_my_work.FIRST_AWAITED, "what is waited for is folded alike"
    assert later.count('<li class="caf-row') == 10 and amara.says("Not due yet", "The last of all")


def test_a_list_is_saved_by_name_and_shared_with_the_team(service):
    service.start_case("Sam")
    amara = service.signed_in("amara")
    amara.get("/tasks?whose=team&due=week")
    amara.post("/tasks/lists", whose="team", due="week", name="  Monday   round ", shared="yes")
    assert amara.says("The list is saved and your team can see it", "Monday round")
    ruth = service.signed_in("ruth")
    page = ruth.get("/tasks")
    assert "Monday round" in page and "by Amara Osei" in page
    assert 'href="/tasks?whose=team&amp;due=week"' in page
    own = re.search(r"/tasks/lists/[0-9a-f-]{36}/remove", amara.get("/tasks")).group(0)
    ruth.post(own)
    assert ruth.status == 404, "nobody removes another's list"
    amara.post(own)
    assert "Monday round" not in ruth.get("/tasks")


def test_a_list_needs_a_name(service):
    amara = service.signed_in("amara")
    amara.post("/tasks/lists", name=" ", due="week")
    assert amara.says("Enter a name for this list")


def test_what_is_put_off_comes_back_on_its_day_and_is_nobody_elses_matter(service):
    case_id = service.start_case("Sam")
    add_action(service, case_id, "Amara Osei", "Ring the club", due_in=10)
    amara = service.signed_in("amara")
    way = re.search(r"/actions/[0-9a-f-]{36}/later", amara.get("/tasks")).group(0)
    amara.get(way)
    assert amara.says("Until when do you want this off your list?", "Ring the club", "For a working week")
    amara.post(way, until="week")
    assert amara.says("It is off your list until then", "You have put off 1 thing")
    assert "Ring the club" not in amara.page
    assert "Ring the club" in amara.get("/tasks/later")
    assert "Ring the club" in service.signed_in("ruth").get("/tasks?whose=team")
    service.clock.advance(timedelta(days=7))
    assert "Ring the club" in service.signed_in("amara").get("/tasks")


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "Enter a day that is still to come"), (30, "no later than the day it is due")],
)
def test_nothing_is_put_off_past_the_day_it_is_due(service, days, said):
    case_id = service.start_case("Sam")
    action = add_action(service, case_id, "Amara Osei", "Ring the club", due_in=10)
    amara = service.signed_in("amara")
    day = service.clock.now().date() + timedelta(days=days)
    boxes = {"until_on-day": str(day.day), "until_on-month": str(day.month), "until_on-year": str(day.year)}
    amara.post(f"/actions/{action}/later", until="day", **boxes)
    assert amara.status == 422 and amara.says(said)


@pytest.mark.parametrize(
    ("due_in", "tomorrow", "week"), [(0, False, False), (1, True, False), (6, True, False), (7, True, True)]
)
def test_no_way_to_put_off_is_offered_that_would_be_refused(service, due_in, tomorrow, week):
    case_id = service.start_case("Sam")
    action = add_action(service, case_id, "Amara Osei", "Ring the club", due_in=due_in)
    amara = service.signed_in("amara")
    amara.get(f"/actions/{action}/later")
    assert amara.says("Until the next working day") is tomorrow and amara.says("For a working week") is week


def test_what_is_late_already_is_not_put_off(service):
    case_id = service.start_case("Sam")
    action = add_action(service, case_id, "Amara Osei", "Ring the club", due_in=-4)
    amara = service.signed_in("amara")
    assert f"/actions/{action}/later" not in amara.get("/tasks")
    amara.post(f"/actions/{action}/later", until="tomorrow")
    assert amara.status == 422 and amara.says("This is late already")


def test_nobody_puts_off_what_is_not_theirs(service):
    case_id = service.start_case("Sam")
    action = add_action(service, case_id, "Amara Osei", "Ring the club", due_in=10)
    ruth = service.signed_in("ruth")
    ruth.post(f"/actions/{action}/later", until="tomorrow")
    assert ruth.status == 404


def test_the_lead_sees_what_others_owe_since_when_and_asks_once_a_day(service):
    case_id = service.start_shared("Sam")
    lead(service, case_id, "Amara Osei")
    add_action(service, case_id, "Dele Martins", "Weigh the baby", due_in=3)
    amara = service.signed_in("amara")
    page = amara.get("/tasks/waiting")
    assert amara.says("Weigh the baby", "With Dele Martins", "Nothing said since")
    assert "Ask for the family" not in page, "one's own work is not waited for"
    ask = re.search(r"/actions/[0-9a-f-]{36}/ask", page).group(0)
    amara.post(ask)
    assert amara.says("They are asked by e-mail", "Asked how it gets on today")
    assert ask not in amara.page
    amara.post(ask)
    assert amara.says("Somebody has asked how this gets on today already")
    assert "asked how an action gets on" in amara.get(f"/cases/{case_id}/history")
    service.clock.advance(timedelta(days=1))
    assert ask in service.signed_in("amara").get("/tasks/waiting")


def test_who_has_nothing_to_do_with_a_case_asks_nobody(service):
    case_id = service.start_case("Sam")
    action = add_action(service, case_id, "Amara Osei", "Ring the club", due_in=3)
    dele = service.signed_in("dele")
    dele.post(f"/actions/{action}/ask")
    assert dele.status in (403, 404)


def test_a_task_is_delegated_watched_and_taken_back(service):
    case_id = service.start_case("Sam")
    task_id = task_of(service, case_id)
    amara = service.signed_in("amara")
    amara.get(f"/tasks/{task_id}")
    amara.post(f"/tasks/{task_id}/give", to=str(service.ids["Ruth Adeyemi"]), delegate="yes")
    assert amara.says("Ruth Adeyemi now has")
    assert amara.get("/tasks/waiting") and amara.says("You asked them to do this for you", "With Ruth Adeyemi")
    ruth = service.signed_in("ruth")
    ruth.get(f"/tasks/{task_id}")
    assert ruth.says("You do this for Amara Osei")
    amara.get(f"/tasks/{task_id}")
    amara.post(f"/tasks/{task_id}/take-back")
    assert amara.says("The task is with you again")
    ruth.post(f"/tasks/{task_id}/take-back")
    assert ruth.status == 403


def test_handing_back_what_was_delegated_gives_it_to_who_delegated_it(service):
    task_id = task_of(service, service.start_case("Sam"))
    amara, ruth = service.signed_in("amara"), service.signed_in("ruth")
    amara.post(f"/tasks/{task_id}/give", to=str(service.ids["Ruth Adeyemi"]), delegate="yes")
    ruth.post(f"/tasks/{task_id}/hand-back")
    amara.get(f"/tasks/{task_id}")
    assert amara.says("Who has it You")


def test_a_comment_is_kept_with_the_task_and_the_case_for_good(service):
    case_id = service.start_case("Sam")
    task_id = task_of(service, case_id)
    amara = service.signed_in("amara")
    amara.get(f"/tasks/{task_id}")
    amara.post(f"/tasks/{task_id}/comments", comment=" The school rings back on Friday ")
    assert amara.says("Your comment is kept", "The school rings back on Friday", "Amara Osei,")
    assert "The school rings back on Friday" in service.signed_in("ruth").get(f"/tasks/{task_id}")
    assert "The school rings back on Friday" in amara.get(f"/cases/{case_id}/history")
    amara.post(f"/tasks/{task_id}/comments", comment=" ")
    assert amara.status == 422 and amara.says("Enter a comment")
    dele = service.signed_in("dele")
    dele.post(f"/tasks/{task_id}/comments", comment="What is this?")
    assert dele.status == 404


def test_a_comment_sent_twice_is_kept_once(service):
    task_id = task_of(service, service.start_case("Sam"))
    amara = service.signed_in("amara")
    for _ in range(2):
        amara.post(f"/tasks/{task_id}/comments", comment="Once is enough", request_key="one")
    assert amara.page.count("Once is enough") == 1


def test_ones_account_says_whether_the_mornings_message_comes(service):
    amara = service.signed_in("amara")
    assert "A message in the morning" not in amara.get("/account"), "this authority sends none"
    olu = service.signed_in("olu")
    page = olu.get("/authority")
    assert 'name="digest_hour"' in page
    with service.engine.sessions.act() as connection:
        table = authorities
        profile = {"digest_hour": "7", "meeting_term": "TAC"}
        connection.execute(sa.update(table).values(profile=profile, version=table.c.version + 1))
    amara.get("/account")
    assert amara.says("On working days after 7:00")
    amara.post("/account/morning", wanted="no")
    assert re.search(r'value="no" checked', amara.page) and amara.says("Your choice is kept")


def test_at_the_weekend_what_was_due_on_friday_is_said_to_have_been_due(service):
    case_id = service.start_case("Sam")
    add_action(service, case_id, "Amara Osei", "Ring the club", due_in=4)
    service.clock.advance(timedelta(days=6))
    amara = service.signed_in("amara")
    amara.get("/tasks")
    assert amara.says("Was due", "late from the next working day") and not amara.says("0 working days left")


def test_who_finished_a_task_sees_what_they_answered_and_how_to_correct_it(service):
    case_id = service.start_case("Sam")
    task_id = task_of(service, case_id)
    amara = service.signed_in("amara")
    amara.get(f"/tasks/{task_id}")
    day = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
    sent = {name: amara.hidden(name) for name in ("expected_version", "request_key")}
    amara.post(f"/tasks/{task_id}", act="complete", consent="given", given_by="Tess Whitlock", **day, **sent)
    page = amara.get(f"/tasks/{task_id}")
    assert amara.says("What you answered", "They agree", "Tess Whitlock", "2 March 2026", "It is kept as you sent it")
    assert f'href="/cases/{case_id}/dates"' in page
    assert "Tess Whitlock" not in service.signed_in("ruth").get(f"/tasks/{task_id}")
