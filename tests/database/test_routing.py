"""Who is asked when the person a task is meant for is away: the deployed rules say, and the task says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, cases, practitioners, user_tasks
from engine.errors import NotFound, NotPermitted
from engine.queries import worklist
from engine.store.tables import keeping, people, record
from tests.database.test_statement_counts import counting
from tests.episodes import answers_for, start_and_walk_to
from tests.small_models import properties, serve
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, model, open_world, shipped_models

ASKS_LEAD = model(user("visit", camunda_assignee="${lead_professional}"), way="start visit; visit end", key="asks")
NAMES_SOMEBODY = model(user("visit", camunda_assignee="${person}"), way="start visit; visit end", key="names")
PERSONAL = model(
    user("visit", properties(personal="yes"), camunda_assignee="${person}"),
    way="start visit; visit end",
    key="personal",
)
COPY = model(serve("send", "send_plan_to_family"), way="start send; send end", key="copy")
ASKS_GROUP = model(user("visit", camunda_candidateGroups="case_workers"), way="start visit; visit end", key="group")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        models = {"asks": ASKS_LEAD, "names": NAMES_SOMEBODY, "group": ASKS_GROUP, "personal": PERSONAL, "copy": COPY}
        world.deploy({f"{key}.bpmn": source for key, source in models.items()})
        yield world


def away(world: World, who: str, days: int | None = 20, *, cover: str | None = None, begins: int = 0) -> UUID:
    by = "cleo" if who in ("morgan", "cleo") else "morgan"
    return practitioners.record_absence(
        world.engine,
        actor=world.actor(by),
        practitioner_id=world.ids[who],
        from_on=world.today + timedelta(days=begins),
        expected_to_on=None if days is None else world.today + timedelta(days=days),
        covered_by=None if cover is None else world.ids[cover],
    )


def back(world: World, absence: UUID) -> None:
    practitioners.end_absence(world.engine, actor=world.actor("cleo"), absence_id=absence)


def test_a_task_opens_for_who_covers_and_says_why_and_goes_back(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    absence = away(world, "hana", cover="noor")
    world.start_process(case_id, "asks")
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.meant_for_id) == (world.ids["noor"], world.ids["hana"])
    page = worklist.task(world.engine, actor=world.actor("noor"), task_id=task.id)
    assert page.why == "You are asked because Hana Verity is away until 22 March and somebody was named to stand in."
    assert page.why in worklist.tasks(world.engine, actor=world.actor("noor")).rows[-1].why
    (event,) = world.history(case_id, "asked_instead")
    assert (event.subject_id, event.detail["given_to"]) == (world.ids["hana"], str(world.ids["noor"]))
    kept = world.rows(sa.select(record.evaluations).where(record.evaluations.c.decision == "task_routing"))
    assert kept
    back(world, absence)
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.meant_for_id, task.asked_because) == (world.ids["hana"], None, "")
    assert world.history(case_id, "task_given_back")
    assert not world.verified().findings


@pytest.mark.parametrize("begins", [0, 1], ids=["away already", "goes away"])
def test_what_is_personal_waits_for_who_was_asked_and_nobody_stands_in(world: World, begins: int) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    absence = away(world, "idris", cover="noor", begins=begins)
    world.start_process(case_id, "personal", person=str(world.ids["idris"]))
    world.pass_days(begins)
    task, noor = world.task("visit", case_id), replace(world.actor("noor"), covers=frozenset({world.ids["idris"]}))
    assert (task.assignee_id, task.meant_for_id, task.personal) == (world.ids["idris"], None, True)
    told = sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject.contains("waits for somebody"))
    assert [row.practitioner_id for row in world.rows(told)] == [world.ids["hana"]], "who leads can ask somebody else"
    assert task.id not in {row.task_id for row in worklist.tasks(world.engine, actor=noor).rows}
    with pytest.raises(NotFound):
        worklist.task(world.engine, actor=noor, task_id=task.id)
    with pytest.raises(NotFound):
        user_tasks.complete(world.engine, actor=noor, task_id=task.id, answers={})
    with pytest.raises(NotFound):
        user_tasks.reassign(world.engine, actor=noor, task_id=task.id, to=world.ids["noor"])
    with pytest.raises(NotPermitted):
        user_tasks.reassign(world.engine, actor=world.actor("idris"), task_id=task.id, to=world.ids["hana"])
    back(world, absence)
    world.do("visit", "idris", case_id=case_id)
    assert world.history(case_id, "task_passed_on") == []


def test_once_they_have_left_the_coordinators_have_what_only_they_could_answer(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.start_process(case_id, "personal", person=str(world.ids["idris"]))
    cleo = world.actor("cleo")
    practitioners.record_leaving(world.engine, actor=cleo, practitioner_id=world.ids["idris"], last_day=world.today)
    world.pass_days(1)
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.queue) == (None, "coordinators")
    assert task.asked_because == "Idris Cole has left, and only they could have answered."


def test_the_page_says_for_whom_a_stand_in_answers(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    held = world.task("hold_tac_meeting", case_id).id
    away(world, "hana", cover="noor")
    noor = replace(world.actor("noor"), covers=frozenset({world.ids["hana"]}))
    world.start_process(case_id, "names", person=str(world.ids["hana"]))
    for task_id in (held, world.task("visit", case_id).id):
        page = worklist.task(world.engine, actor=noor, task_id=task_id)
        assert page.answers_for == "Hana Verity, who is away until 22 March"
    assert worklist.task(world.engine, actor=world.actor("morgan"), task_id=held).answers_for == ""


def test_what_the_cover_has_begun_stays_with_them(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    absence = away(world, "hana", cover="noor")
    task = world.task("hold_tac_meeting", case_id)
    assert task.assignee_id == world.ids["noor"]
    user_tasks.save_draft(world.engine, actor=world.actor("noor"), task_id=task.id, answers={"notes": "Begun"})
    back(world, absence)
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids["noor"]
    world.do("hold_tac_meeting", "noor", case_id=case_id, **answers_for(world, "hold_tac_meeting"))
    assert "agree_action_plan" in world.open_elements(case_id)


def test_an_absence_to_come_passes_tasks_on_when_it_begins(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    due_on = world.task("hold_tac_meeting", case_id).due_on
    away(world, "hana", 10, begins=2, cover="idris")
    world.pass_days(1)
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids["hana"]
    world.pass_days(1)
    task = world.task("hold_tac_meeting", case_id)
    assert (task.assignee_id, task.due_on) == (world.ids["idris"], due_on)
    world.pass_days(2)
    assert len(world.history(case_id, "task_passed_on")) == 2, "the meeting, and what the family answers to it"
    world.pass_days(7)
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids["hana"]


@pytest.mark.parametrize(("days", "asked"), [(1, "hana"), (2, "morgan")])
def test_nobody_covers(world: World, days: int, asked: str) -> None:
    """Monday: away until Tuesday is back in two working days, until Wednesday in three; the limit is two."""
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", days)
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids[asked]
    told = sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject.contains("waits for somebody"))
    assert [row.practitioner_id for row in world.rows(told)] == ([world.ids["morgan"]] if asked == "hana" else [])


def test_while_nobody_leads_the_line_manager_is_asked_and_hears_of_it_and_so_with_the_family_s_copy(
    world: World,
) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"],
        last_day=world.today - timedelta(days=1),
    )  # fmt: skip
    world.tick()
    world.mailbox.messages.clear()
    world.start_process(case_id, "asks")
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.meant_for_id) == (world.ids["morgan"], None)
    assert task.asked_because == "nobody leads this plan: find an interim lead, or do it."
    world.start_process(case_id, "asks")
    world.start_process(case_id, "copy")
    world.tick()
    heard = [(each.recipient.partition("@")[0], each.subject) for each in world.mailbox.messages]
    assert sorted(heard) == [
        ("morgan", "A plan that nobody leads needs you"), ("morgan", "Give the family their copy of the plan"),
    ]  # fmt: skip


def test_until_somebody_leads_the_assessor_holds_what_a_lead_is_asked_and_who_accepts_has_it(world: World) -> None:
    case_id, other = (start_and_walk_to(world, "appoint_lead_professional") for _ in range(2))
    for process, by, answers in (
        ("merge_cafs", "cleo", {"other_case": str(other), "why": "Two plans"}),
        ("transfer", "hana", {"area": "Hillshire", "moves_on": world.today.isoformat()}),
    ):
        case_processes.start(
            world.engine, actor=world.actor(by), case_id=case_id, process_key=process, answers=answers
        )
    held = [world.task(element, case_id) for element in ("ask_family", "ask_consent_to_send")]
    for task in held:
        assert (task.assignee_id, task.meant_for_id, task.asked_because) == (world.ids["hana"], None, "")
    chosen = answers_for(world, "appoint_lead_professional") | {"lead_professional": str(world.ids["idris"])}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **chosen)
    world.do("answer_lead", "idris", case_id=case_id, lead_answer="accepted")
    for task in held:
        now = world.task(task.element_id, case_id)
        assert (now.id, now.assignee_id, now.due_on) == (task.id, world.ids["idris"], task.due_on)
    assert not world.incidents() and not world.verified().findings


def test_the_manager_is_away_too_so_the_coordinators_are_asked(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "morgan", None)
    away(world, "hana")
    task = world.task("hold_tac_meeting", case_id)
    assert (task.assignee_id, task.queue) == (None, "coordinators")
    assert "Hana Verity is away until 22 March" in task.asked_because
    assert task.asked_because.endswith("Morgan Hale is away with nobody to stand in.")
    page = worklist.task(world.engine, actor=world.actor("cleo"), task_id=task.id)
    assert page.why.startswith("The coordinators are asked because Hana Verity is away")


def test_a_task_taken_from_a_group_goes_back_to_it(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.start_process(case_id, "group")
    task = world.task("visit", case_id)
    user_tasks.claim(world.engine, actor=world.actor("idris"), task_id=task.id)
    absence = away(world, "idris")
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.queue) == (None, "case_workers")
    assert "any colleague with the same role" in task.asked_because
    user_tasks.claim(world.engine, actor=world.actor("noor"), task_id=task.id)
    back(world, absence)
    assert world.task("visit", case_id).assignee_id == world.ids["noor"]


def test_the_lead_takes_the_answer_of_somebody_who_cannot_sign_in(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    own = people.accounts.c.practitioner_id == world.ids["idris"]
    world.write(sa.update(people.accounts).where(own).values(disabled_at=world.clock.now()))
    world.start_process(case_id, "names", person=str(world.ids["idris"]))
    task = world.task("visit", case_id)
    assert (task.assignee_id, task.meant_for_id) == (world.ids["hana"], world.ids["idris"])
    assert task.asked_because == "Idris Cole cannot sign in: take their answer by telephone."


def test_harm_never_waits_and_the_safeguarding_leads_hear(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.write(
        sa.insert(record.concerns).values(
            id=UUID(int=7), authority_id=world.authority_id, case_id=case_id, raised_by=world.ids["hana"],
            raised_at=world.clock.now(),
        )
    )  # fmt: skip
    away(world, "hana", 1)
    task = world.task("hold_tac_meeting", case_id)
    assert task.assignee_id == world.ids["morgan"] and "harm is feared" in task.asked_because
    told = sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject.contains("waits for somebody"))
    assert [row.practitioner_id for row in world.rows(told)] == [world.ids["ada"]]


def test_who_covers_leaves_so_the_rules_are_asked_again(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", cover="idris")
    assert world.task("hold_tac_meeting", case_id).assignee_id == world.ids["idris"]
    yesterday = world.today - timedelta(days=1)
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], last_day=yesterday
    )
    task = world.task("hold_tac_meeting", case_id)
    assert (task.assignee_id, task.meant_for_id) == (world.ids["morgan"], world.ids["hana"])


def test_a_changed_rule_applies_to_the_next_task(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", cover="noor")
    changed = shipped_models()["task_routing.dmn"].replace(
        b'id="covered_ask"><text>"cover"', b'id="covered_ask"><text>"line_manager"'
    )
    world.deploy({"task_routing.dmn": changed})
    world.start_process(case_id, "asks")
    assert world.task("visit", case_id).assignee_id == world.ids["morgan"]


def test_an_ordinary_task_asks_the_rules_without_a_statement(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    world.start_process(case_id, "asks")
    with counting(world) as counted:
        cases.start_process_on(world.engine, actor=world.actor("hana"), case_id=case_id, process_key="asks")
    about_people = [text for text in counted.statements if "absences" in text]
    assert len(about_people) == 1 and "people_away" in about_people[0]
