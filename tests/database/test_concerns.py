"""Safeguarding concerns: each has its own answer, a refused one is not forgotten, and none is closed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.commands import concerns, consents, incidents, user_tasks
from engine.errors import Invalid
from engine.forms import InvalidAnswers
from engine.queries import case_file, my_work, task_page, timeline, worklist
from engine.store.tables import record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import CHECKLIST, World, open_world, shipped_models

CLOSING = {"reason": "needs_met", "summary": "Sam sleeps well.", "family_told": "yes"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as built:
        yield built


def raise_one(world: World, case_id: UUID, what: str = "A bruise") -> UUID:
    return concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=case_id, answers={"what_happened": what}
    )


def answer(world: World, task: Any, accepted: str = "yes", also: Sequence[Any] = ()) -> None:
    ada = world.actor("ada")
    user_tasks.claim(world.engine, actor=ada, task_id=task.id)
    said = {"accepted": accepted, "acknowledged_on": world.today.isoformat(), "note": "They rang back."}
    if also:
        said["same_answer"] = [str(each.id) for each in also]
    user_tasks.complete(world.engine, actor=ada, task_id=task.id, answers=said)


def still_open(world: World, case_id: UUID) -> list[UUID]:
    table = record.concerns
    query = sa.select(table.c.id).where(table.c.case_id == case_id, table.c.ended_on.is_(None))
    return [row.id for row in world.rows(query.order_by(table.c.raised_at, table.c.id))]


def test_a_concern_that_is_over_is_not_named_beside_what_the_plan_asks_for_later(world: World) -> None:
    case_id = world.start_case(identified=False)
    harm = {**CHECKLIST, "harm_suspected": "yes", "note": "A bruise"}
    world.do("complete_checklist", "hana", case_id=case_id, **harm)
    world.tick()
    assert "concern about significant harm" in why(world, "ada", world.task("acknowledge_concern", case_id).id)
    answer(world, world.task("acknowledge_concern", case_id), accepted="no")
    world.tick()
    said = why(world, "morgan", world.task("check_for_harm", case_id).id)
    assert said.startswith("This began with: “A concern about significant harm is open.” That was over on 2 March, but")
    assert "Ring social care now" not in said, "that was for then"
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at school")
    assert why(world, "hana", world.task("search_for_existing", case_id).id) == "You are assessing."
    world.do("search_for_existing", "hana", case_id=case_id, found="none")
    for step in ("record_consent", "complete_assessment", "appoint_lead_professional", "arrange_tac_meeting"):
        world.do(step, "hana", case_id=case_id, **answers_for(world, step))
    replies = {task.assignee_id: task.id for task in world.tasks(case_id, element="reply_to_invitation")}
    assert "harm" not in why(world, "idris", replies[world.ids["idris"]])
    mine = worklist.tasks(world.engine, actor=world.actor("idris")).rows
    assert [row.why for row in mine if "harm" in row.why] == []


def why(world: World, by: str, task_id: UUID) -> str:
    return task_page.task(world.engine, actor=world.actor(by), task_id=task_id).why


def test_an_answer_ends_its_own_concern_only(world: World) -> None:
    case_id = world.start_case()
    first = raise_one(world, case_id)
    world.clock.advance(timedelta(minutes=5))
    second = raise_one(world, case_id, "A second one, from school")
    later = next(
        task for task in world.tasks(case_id, element="acknowledge_concern")
        if task.variables["concern"] == str(second)
    )  # fmt: skip
    answer(world, later)
    assert still_open(world, case_id) == [first]
    answer(world, world.task("acknowledge_concern", case_id))
    assert still_open(world, case_id) == []
    said = [event.subject_id for event in world.history(case_id, "concern_acknowledged")]
    assert said == [second, first]


def test_a_refused_concern_put_again_is_a_concern_of_its_own(world: World) -> None:
    case_id = world.start_case()
    first, other = raise_one(world, case_id), raise_one(world, case_id)
    mine = next(
        task for task in world.tasks(case_id, element="acknowledge_concern") if task.variables["concern"] == str(first)
    )
    answer(world, mine, "no")
    assert still_open(world, case_id) == [other]
    world.do("check_for_harm", "morgan", case_id=case_id, finding="concern", note="New bruises.")
    again = [each for each in still_open(world, case_id) if each != other]
    asked = {task.variables["concern"] for task in world.tasks(case_id, element="acknowledge_concern")}
    assert asked == {str(other), str(again[0])}


def test_a_check_that_is_not_made_reaches_the_manager_and_then_the_coordinator(world: World) -> None:
    case_id = world.start_case()
    raise_one(world, case_id)
    answer(world, world.task("acknowledge_concern", case_id), "no")
    before = len(world.history(case_id, "manager_alerted"))
    world.clock.advance(timedelta(hours=24, minutes=1))
    world.tick()
    assert len(world.history(case_id, "manager_alerted")) == before + 1
    assert world.history(case_id, "coordinator_alerted") == []
    world.clock.advance(timedelta(hours=24))
    world.tick()
    told = world.history(case_id, "coordinator_alerted")
    assert [event.detail for event in told] == [{"told": 2}]
    assert "check_for_harm" in world.open_elements(case_id)


def test_an_answer_due_on_a_day_off_is_late_on_every_list_on_the_next_day(world: World) -> None:
    case_id = world.start_case()
    world.clock.advance(timedelta(days=4))
    raise_one(world, case_id)
    task = world.task("acknowledge_concern", case_id)
    assert task.due_on.isoweekday() == 6
    world.clock.advance(timedelta(days=3))
    ada = world.actor("ada")
    (row,) = (row for row in worklist.tasks(world.engine, actor=ada, whose="unclaimed").rows)
    assert (row.task_id, row.due_state, row.days) == (task.id, "overdue", 1)
    late = [choice(world, ada, whose="overdue"), choice(world, ada, whose="unclaimed", due="late")]
    late.append([row.task_id for row in worklist.tasks(world.engine, actor=ada, whose="overdue").rows])
    assert late == [[task.id]] * 3
    said = case_file.read(world.engine, actor=ada, case_id=case_id).late
    assert any("answer” was due 7 March, 1 working day ago" in sentence for sentence in said), said


def choice(world: World, actor: Actor, **wanted: Any) -> list[UUID]:
    page = my_work.read(world.engine, actor=actor, choice=my_work.Choice(**wanted))
    return [my_work.id_of(row) for row in page.rows]


def test_a_refusal_closes_the_case_once_the_last_concern_is_settled(world: World) -> None:
    case_id = world.start_case()
    raise_one(world, case_id)
    raise_one(world, case_id, "Another")
    refusal = {"consent": "refused", "given_by": "Jo", "reason": "Not now.", "signed_on": world.today.isoformat()}
    refusal |= {"offered_by": "Noor Bakar, school", "offered": "A club after school"}
    world.do("record_consent", "hana", case_id=case_id, **refusal)
    assert world.incidents(case_id) == []
    assert world.case(case_id).closed_on is None
    first, last = world.tasks(case_id, element="acknowledge_concern")
    answer(world, first)
    assert world.case(case_id).closed_on is None
    answer(world, last, "no")
    assert world.case(case_id).closed_on is None
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at school.")
    assert world.case(case_id).closed_on == world.today
    assert world.case(case_id).closure_reason == "consent_refused"
    assert world.open_elements(case_id) == []


def test_closing_is_refused_in_words_and_nothing_stops(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    raise_one(world, case_id)
    with pytest.raises(Invalid, match="Record social care's answer first"):
        world.do("close_case", "hana", case_id=case_id, **CLOSING)
    assert world.incidents(case_id) == []
    assert world.history(case_id, "closure_agreed") == []
    answer(world, world.task("acknowledge_concern", case_id))
    world.do("close_case", "hana", case_id=case_id, **CLOSING)
    assert "sign_off_closure" in world.open_elements(case_id)
    raise_one(world, case_id)
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closed_on is None
    answer(world, world.task("acknowledge_concern", case_id), accepted="no")
    assert world.case(case_id).closed_on is None
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at school")
    assert world.case(case_id).closed_on == world.today


def test_closing_after_a_withdrawal_waits_for_the_concern_too(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    raise_one(world, case_id)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")
    with pytest.raises(Invalid, match="Record social care's answer first"):
        world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": "consent_withdrawn"})
    answer(world, world.task("acknowledge_concern", case_id))
    world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": "consent_withdrawn"})
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closure_reason == "consent_withdrawn"
    assert world.incidents(case_id) == []


def test_a_review_that_steps_up_asks_about_the_concern_it_opened(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    earlier = raise_one(world, case_id)
    stepping_up = answers_for(world, "hold_review") | {"next_step": "step_up", "outcome": "worse"}
    world.do("hold_review", "hana", case_id=case_id, **stepping_up)
    opened = [each for each in still_open(world, case_id) if each != earlier]
    task = next(
        task for task in world.tasks(case_id, element="acknowledge_concern")
        if task.variables.get("concern") == str(opened[0])
    )  # fmt: skip
    answer(world, task)
    assert still_open(world, case_id) == [earlier]
    assert "close_case" in world.open_elements(case_id)


THEIR_PLAN = {"linked_plan": "child_protection", "key_worker": "Lea Stone, 01632 960111"}


def accepted_beside_a_plan(world: World) -> UUID:
    case_id = start_and_walk_to(world, "choose_review")
    raise_one(world, case_id)
    answer(world, world.task("acknowledge_concern", case_id))
    assert world.task("decide_with_social_care", case_id).assignee_id == world.ids["hana"]
    return case_id


def test_a_concern_taken_on_beside_a_plan_asks_what_becomes_of_it_and_it_closes(world: World) -> None:
    case_id = accepted_beside_a_plan(world)
    theirs = {"plan_with_social_care": "close", "why": "They lead.", **THEIR_PLAN}
    world.do("decide_with_social_care", "hana", case_id=case_id, **theirs)
    world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": "moved_to_social_care"})
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    closed = world.case(case_id)
    assert (closed.closure_reason, closed.linked_plan) == ("moved_to_social_care", "child_protection")
    assert closed.key_worker == "Lea Stone, 01632 960111"
    assert world.open_elements(case_id) == []
    assert world.incidents(case_id) == []


def test_a_case_closes_as_social_care_s_only_once_they_have_accepted_a_concern(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    with pytest.raises(Invalid, match="Social care has not accepted a concern") as refused:
        world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": "moved_to_social_care"})
    assert refused.value.details["field"] == "reason"
    raise_one(world, case_id)
    answer(world, world.task("acknowledge_concern", case_id), accepted="no")
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at school")
    with pytest.raises(Invalid, match="Social care has not accepted a concern"):
        world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": "moved_to_social_care"})
    assert world.case(case_id).closed_on is None


def test_a_plan_goes_on_as_a_part_of_social_care_s(world: World) -> None:
    case_id = accepted_beside_a_plan(world)
    theirs = {"plan_with_social_care": "goes_on", "why": "Mornings.", **THEIR_PLAN}
    world.do("decide_with_social_care", "hana", case_id=case_id, **theirs)
    assert "choose_review" in world.open_elements(case_id)
    assert world.instance(case_id, "safeguarding_concern").status == "ended"
    assert [event.detail for event in world.history(case_id, "plan_with_social_care")] == [
        {"decision": "goes_on", "plan": "child_protection"}
    ]
    assert world.case(case_id).linked_plan == "child_protection"


def two_siblings(world: World) -> tuple[UUID, UUID]:
    """Return Sam's case, which has no team yet, and Ben's, on whose team Noor is."""
    ben = start_and_walk_to(world, "hold_tac_meeting", given_name="Ben")
    query = sa.select(record.children.c.family_id).join(record.cases).where(record.cases.c.id == ben)
    return world.start_case(family_id=world.rows(query)[0].family_id), ben


def seen(world: World, by: str, case_id: UUID) -> Any:
    (concern,) = case_file.read(world.engine, actor=world.actor(by), case_id=case_id).concerns
    return concern


def going_round() -> dict[str, bytes]:
    """Return the shipped diagram of a concern with a circle drawn before its first task that no token leaves."""
    flow = 'id="start_concern_to_acknowledge_concern" sourceRef="start_concern" targetRef='
    circle = """<bpmn:exclusiveGateway id="merge"/><bpmn:exclusiveGateway id="gate" default="out"/>
        <bpmn:sequenceFlow id="on" sourceRef="merge" targetRef="gate"/>
        <bpmn:sequenceFlow id="back" sourceRef="gate" targetRef="merge">
          <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=today() != null</bpmn:conditionExpression>
        </bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="out" sourceRef="gate" targetRef="acknowledge_concern"/></bpmn:process>"""
    drawn = shipped()["safeguarding_concern.bpmn"].decode().replace("</bpmn:process>", circle)
    return {"safeguarding_concern.bpmn": drawn.replace(f'{flow}"acknowledge_concern"', f'{flow}"merge"').encode()}


def shipped() -> dict[str, bytes]:
    return {"safeguarding_concern.bpmn": shipped_models()["safeguarding_concern.bpmn"]}


def test_a_diagram_that_cannot_start_keeps_back_no_concern_and_follows_once_it_is_mended(world: World) -> None:
    sam, ben = two_siblings(world)
    world.deploy(going_round())
    raised = {"actor": world.actor("hana"), "case_id": sam, "also": [ben], "request_key": "k"}
    first = concerns.raise_concern(world.engine, answers={"what_happened": "A bruise"}, **raised)
    assert concerns.raise_concern(world.engine, answers={"what_happened": "A bruise"}, **raised) == first
    assert still_open(world, sam) == [first] and len(still_open(world, ben)) == 1
    for each in (sam, ben):
        assert len(world.history(each, "concern_raised")) == 1
        assert len(world.history(each, "manager_alerted")) == 2, "of the concern, and that nobody follows it up"
        (incident,) = world.incidents(each)
        assert (incident.kind, incident.element_id, incident.tries) == ("start", "safeguarding_concern", 1)
        assert incident.message.startswith("What follows on this case has not been started, and is tried again: “")
    world.clock.advance(timedelta(minutes=1))
    world.tick()
    assert [each.tries for each in world.incidents(ben) if each.kind == "start"] == [2]
    world.deploy(shipped())
    world.tick()
    assert world.incidents(sam) == world.incidents(ben) == []
    assert {task.variables["concern"] for task in world.tasks(sam, element="acknowledge_concern")} == {str(first)}
    answer(world, world.task("acknowledge_concern", ben))
    assert still_open(world, ben) == [] and not world.verified().findings


def test_a_concern_on_a_closed_case_is_followed_up_later_too(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, **CLOSING)
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    world.deploy(going_round())
    raise_one(world, case_id)
    (incident,) = world.incidents(case_id)
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id)
    world.tick()
    (again,) = world.incidents(case_id)
    assert again.id != incident.id, "it was tried again at once"
    world.deploy(shipped())
    world.tick()
    assert world.open_elements(case_id) == ["acknowledge_concern"]


def test_one_concern_names_two_children_in_one_act_and_each_has_an_answer(world: World) -> None:
    sam, ben = two_siblings(world)
    said = {"what_happened": "Sam says Ben is hit", "immediate_danger": "yes", "other_children": "A baby next door"}
    first = concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=sam, answers=said, also=[ben, ben, sam], request_key="k"
    )  # fmt: skip
    again = concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=sam, answers=said, also=[ben, ben, sam], request_key="k"
    )  # fmt: skip
    assert again == first
    (mine,), (theirs,) = (
        world.rows(sa.select(record.concerns).where(record.concerns.c.case_id == each)) for each in (sam, ben)
    )
    assert (mine.id, mine.raised_with, mine.other_children) == (first, None, "A baby next door")
    assert (theirs.raised_with, theirs.immediate_danger, theirs.other_children) == (first, True, "")
    assert [event.detail for event in world.history(ben, "concern_raised")] == [
        {"immediate_danger": True, "also": [str(sam)]}
    ]
    answer(world, world.task("acknowledge_concern", ben))
    assert still_open(world, ben) == [] and still_open(world, sam) == [first], "social care answers for each child"
    assert world.incidents(sam) == world.incidents(ben) == [] and not world.verified().findings


def test_one_answer_is_given_once_for_every_child_of_the_concern(world: World) -> None:
    sam, ben = two_siblings(world)
    lone = raise_one(world, ben, "Another day")
    concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=sam, answers={"what_happened": "Both are hit"}, also=[ben]
    )  # fmt: skip
    mine, theirs = (of_act(world, each, "Both are hit") for each in (sam, ben))
    page = worklist.task(world.engine, actor=world.actor("ada"), task_id=mine.id)
    offered = [(each.value, each.label) for each in page.options["same_concern"]]
    assert offered == [(str(theirs.id), "Ben Whitlock")], "not his other concern"
    in_lists = worklist.task(world.engine, actor=world.actor("morgan"), task_id=theirs.id)
    assert [each.label for each in in_lists.options["same_concern"]] == ["Sam Whitlock"]
    answer(world, mine, "no", also=[theirs])
    assert (still_open(world, sam), still_open(world, ben)) == ([], [lone])
    for each, task in ((sam, mine), (ben, theirs)):
        (said,) = (event for event in world.history(each, "task_completed") if event.subject_id == task.id)
        assert said.detail == {"element": "acknowledge_concern"}
        (concern,) = world.rows(
            sa.select(record.concerns).where(record.concerns.c.id == UUID(task.variables["concern"]))
        )
        assert (concern.accepted, concern.note, concern.ended_on) == (False, "They rang back.", world.today)
        assert world.task("check_for_harm", each).state == "open", "each case goes on with its own diagram"
    assert world.incidents() == [] and not world.verified().findings


def test_an_answer_for_a_child_who_was_answered_for_meanwhile_is_not_given_twice(world: World) -> None:
    sam, ben = two_siblings(world)
    concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=sam, answers={"what_happened": "Both are hit"}, also=[ben]
    )  # fmt: skip
    mine, theirs = (world.task("acknowledge_concern", each) for each in (sam, ben))
    user_tasks.claim(world.engine, actor=world.actor("morgan"), task_id=theirs.id)
    with pytest.raises(InvalidAnswers) as refused:  # what another has taken is theirs to answer
        answer(world, mine, also=[theirs])
    assert list(refused.value.errors) == ["same_answer"]
    assert len(still_open(world, sam)) == len(still_open(world, ben)) == 1


def of_act(world: World, case_id: UUID, what_happened: str) -> Any:
    """Return the task that asks what social care answers on the concern of these words."""
    table = record.concerns
    query = sa.select(table.c.id).where(table.c.case_id == case_id, table.c.what_happened == what_happened)
    (found,) = (
        task for task in world.tasks(case_id, element="acknowledge_concern")
        if task.variables["concern"] == str(world.rows(query)[0].id)
    )  # fmt: skip
    return found


def test_what_was_written_about_both_is_for_who_answers_for_the_child_or_sees_the_other_too(world: World) -> None:
    sam, ben = two_siblings(world)
    said = {"what_happened": "Sam says Ben is hit"}
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=sam, answers=said, also=[ben])
    of_team = seen(world, "noor", ben)
    assert (of_team.what_happened, of_team.words_kept, of_team.names_too) == ("", True, ())
    told = [each.what for each in timeline.read(world.engine, actor=world.actor("noor"), case_id=ben).events]
    assert "A safeguarding concern was raised." in told
    for who in ("hana", "morgan", "ada"):
        close = seen(world, who, ben)
        assert (close.what_happened, close.names_too) == ("Sam says Ben is hit", ("Sam Whitlock",))


def test_the_whole_family_is_named_without_saying_who_that_is(world: World) -> None:
    sam, ben = two_siblings(world)
    stranger = start_and_walk_to(world, "complete_assessment", given_name="Ali")
    said = {"what_happened": "Shouting"}
    concerns.raise_concern(world.engine, actor=world.actor("noor"), case_id=ben, answers=said, whole_family=True)
    assert len(still_open(world, sam)) == len(still_open(world, ben)) == 1
    assert still_open(world, stranger) == []
    assert seen(world, "noor", ben).names_too == ()


def test_a_step_up_names_a_brother_and_opens_his_concern_in_the_same_act(world: World) -> None:
    ben = start_and_walk_to(world, "hold_review", given_name="Ben")
    query = sa.select(record.children.c.family_id).join(record.cases).where(record.cases.c.id == ben)
    family = world.rows(query)[0].family_id
    sam = world.start_case(family_id=family)
    ann = world.start_case(family_id=family, given_name="Ann", by="idris")
    stepping_up = answers_for(world, "hold_review") | {"next_step": "step_up", "outcome": "worse"}
    with pytest.raises(InvalidAnswers):  # a case that Hana does not see is not on her list
        world.do("hold_review", "hana", case_id=ben, **stepping_up, also_about=[str(ann)])
    world.do("hold_review", "hana", case_id=ben, **stepping_up, also_about=[str(sam)])
    (mine,), (theirs,) = (
        world.rows(sa.select(record.concerns).where(record.concerns.c.case_id == each)) for each in (ben, sam)
    )
    assert (theirs.raised_with, theirs.what_happened, theirs.raised_at) == (mine.id, mine.what_happened, mine.raised_at)
    assert still_open(world, ann) == []
    task = world.task("acknowledge_concern", sam)
    assert task.variables["concern"] == str(theirs.id)
    assert len(world.history(sam, "manager_alerted")) == 1
    answer(world, task)
    assert still_open(world, ben) == [mine.id], "social care answers for each child"
    assert world.incidents() == [] and not world.verified().findings


def test_a_harm_check_about_every_child_asks_once_about_each(world: World) -> None:
    sam, ben = two_siblings(world)
    raise_one(world, ben)
    raise_one(world, sam)
    answer(world, world.task("acknowledge_concern", sam), "no")
    third = world.start_case(given_name="Ann", family_id=world.rows(
        sa.select(record.children.c.family_id).join(record.cases).where(record.cases.c.id == ben)
    )[0].family_id)  # fmt: skip
    found = {"finding": "concern", "note": "All of them", "also_about": ["family"]}
    world.do("check_for_harm", "morgan", case_id=sam, **found)
    assert [len(still_open(world, each)) for each in (sam, ben, third)] == [1, 1, 1], "Ben's waits already"
    (again,) = world.history(sam, "concern_raised")[1:]
    assert again.detail["also"] == [str(third)]
