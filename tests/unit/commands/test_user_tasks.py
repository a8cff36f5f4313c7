"""Claim, hand back, reassign, draft, complete: who may, what is kept, and whom a task goes to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import user_tasks
from engine.commands.user_tasks import TaskChanged, TaskClosed
from engine.errors import Invalid, KeyUsed, NotFound, NotPermitted
from engine.forms import InvalidAnswers
from engine.queries import worklist
from engine.store.tables import keeping, running
from tests.small_files import asking, form
from tests.unit.bpmn.diagrams import element, user
from tests.worlds import World, build_world, model

FORM = form("ask", {"type": "number", "key": "size", "label": "Size", "validate": {"required": True, "max": 9}}, "note")


def small(*models: bytes, **files: bytes) -> World:
    world = build_world(models={})
    named = {f"{number}.bpmn": text for number, text in enumerate(models)}
    world.deploy({**named, **{f"{name}.form": text for name, text in files.items()}})
    return world


@pytest.fixture
def world() -> World:
    """Give a world whose one process asks a question of any case worker."""
    return small(asking("ask"), ask=FORM)


@pytest.fixture
def task_id(world: World) -> UUID:
    """Give the open task of a case that Hana opened."""
    case_id = world.start_case(process_key="small")
    return UUID(str(world.task("ask", case_id).id))


def row(world: World, task_id: UUID) -> sa.Row[Any]:
    return world.rows(sa.select(running.user_tasks).where(running.user_tasks.c.id == task_id))[0]


def last(world: World, task_id: UUID) -> sa.Row[Any]:
    return world.history(row(world, task_id).case_id)[-1]


def test_claiming_makes_it_mine_and_handing_back_gives_it_to_the_group(world: World, task_id: UUID) -> None:
    user_tasks.claim(world.engine, actor=world.actor("idris"), task_id=task_id, expected_version=1)
    assert (row(world, task_id).assignee_id, row(world, task_id).queue) == (world.ids["idris"], None)
    assert (last(world, task_id).kind, last(world, task_id).practitioner_id) == ("task_claimed", world.ids["idris"])
    user_tasks.release(world.engine, actor=world.actor("idris"), task_id=task_id)
    assert (row(world, task_id).assignee_id, row(world, task_id).queue) == (None, "case_workers")
    assert last(world, task_id).kind == "task_released"
    assert row(world, task_id).version == 3


def test_a_claimed_task_is_not_claimed_again_nor_done_by_another(world: World, task_id: UUID) -> None:
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task_id)
    manager = world.actor("morgan")  # Hana's manager sees the case, but the task is hers
    for act in (user_tasks.claim, user_tasks.release):
        with pytest.raises(NotPermitted):
            act(world.engine, actor=manager, task_id=task_id)
    with pytest.raises(NotPermitted):
        user_tasks.complete(world.engine, actor=manager, task_id=task_id, answers={"size": 1})
    with pytest.raises(NotPermitted):
        user_tasks.save_draft(world.engine, actor=manager, task_id=task_id, answers={})


@pytest.mark.parametrize("stranger", ["ada", "sunniva", "piet"])
def test_a_stranger_is_not_told_that_there_is_such_a_task(world: World, task_id: UUID, stranger: str) -> None:
    actor = world.actor(stranger)
    for answer in (
        lambda: user_tasks.claim(world.engine, actor=actor, task_id=task_id),
        lambda: user_tasks.complete(world.engine, actor=actor, task_id=task_id, answers={"size": 1}),
        lambda: user_tasks.save_draft(world.engine, actor=actor, task_id=task_id, answers={}),
        lambda: user_tasks.reassign(world.engine, actor=world.actor("ada"), task_id=task_id, to=world.ids["ada"]),
        lambda: user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=UUID(int=4)),
    ):
        with pytest.raises(NotFound, match="There is no such task"):
            answer()


def test_a_task_given_by_name_cannot_be_handed_back() -> None:
    world = small(asking("", camunda_assignee="=assessor", camunda_candidateGroups=""))
    task_id = world.task("ask", world.start_case(process_key="small")).id
    with pytest.raises(Invalid, match="reassign it instead"):
        user_tasks.release(world.engine, actor=world.actor("hana"), task_id=task_id)


def test_reassigning_tells_the_person_and_the_history_why(world: World, task_id: UUID) -> None:
    user_tasks.reassign(
        world.engine, actor=world.actor("cleo"), task_id=task_id, to=world.ids["idris"], why="Nearer the school"
    )
    assert row(world, task_id).assignee_id == world.ids["idris"]
    event = last(world, task_id)
    assert (event.kind, event.detail) == ("task_reassigned", {"from": None, "to": str(world.ids["idris"])})
    assert event.why == "", "what somebody typed must be erasable"
    with world.engine.sessions.read() as connection:
        payloads = keeping.history_payloads
        kept = connection.execute(sa.select(payloads.c.body).where(payloads.c.event_id == event.id)).scalar_one()
    assert kept == {"why": "Nearer the school"}
    world.tick()
    assert [(letter.recipient, letter.subject) for letter in world.mailbox.messages] == [
        ("idris@northcombe.example", "A task has been given to you")
    ]


def test_nobody_outside_the_authority_is_given_a_task(world: World, task_id: UUID) -> None:
    with pytest.raises(Invalid) as refused:
        user_tasks.reassign(world.engine, actor=world.actor("cleo"), task_id=task_id, to=UUID(int=8))
    assert refused.value.details["field"] == "to"


@pytest.mark.parametrize("who", ["ada", "piet"])
def test_nobody_is_given_a_task_whose_roles_do_not_work_with_the_case(world: World, task_id: UUID, who: str) -> None:
    cleo = world.actor("cleo")
    world.agree(row(world, task_id).case_id)
    with pytest.raises(Invalid, match="does not work with cases like this one"):
        user_tasks.reassign(world.engine, actor=cleo, task_id=task_id, to=world.ids[who])
    assert row(world, task_id).assignee_id is None
    offered = {each.practitioner_id for each in worklist.task(world.engine, actor=cleo, task_id=task_id).people}
    assert offered == {world.ids[each] for each in ("morgan", "hana", "idris", "sunniva", "noor", "cleo")}


def test_a_task_of_the_group_is_given_to_its_members() -> None:
    world = small(asking("", camunda_candidateGroups="mag_members"))
    case_id = world.start_case(process_key="small")
    world.agree(case_id)
    task_id = world.task("ask", case_id).id
    cleo, ada = world.actor("cleo"), world.ids["ada"]
    assert ada in {each.practitioner_id for each in worklist.task(world.engine, actor=cleo, task_id=task_id).people}
    user_tasks.reassign(world.engine, actor=cleo, task_id=task_id, to=ada)
    assert row(world, task_id).assignee_id == ada


def test_history_says_once_that_a_task_was_begun(world: World, task_id: UUID) -> None:
    case_id = world.tasks()[0].case_id
    for text in ("1", "2", "3"):
        user_tasks.save_draft(world.engine, actor=world.actor("hana"), task_id=task_id, answers={"size": text})
    (event,) = world.history(case_id, "draft_begun")
    assert (event.subject_id, event.practitioner_id) == (task_id, world.ids["hana"])
    assert not world.verified().findings


def test_drafts_are_kept_as_typed_one_revision_after_another(world: World, task_id: UUID) -> None:
    actor = world.actor("hana")
    kept = [
        user_tasks.save_draft(world.engine, actor=actor, task_id=task_id, answers=answers).revision
        for answers in ({"size": "not a number"}, {"size": "12", "note": "x" * 5_000})
    ]
    assert kept == [1, 2]
    table = running.task_drafts
    drafts = world.rows(sa.select(table.c.answers).order_by(table.c.revision))
    assert [each.answers["size"] for each in drafts] == ["not a number", "12"]
    assert row(world, task_id).version == 1


def test_wrong_answers_are_refused_field_by_field_and_nothing_moves(world: World, task_id: UUID) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        user_tasks.complete(world.engine, actor=world.actor("hana"), task_id=task_id, answers={"size": 10})
    assert list(refused.value.errors) == ["size"]
    assert row(world, task_id).state == "open"
    assert not world.incidents()


def complete(world: World, task_id: UUID, by: str = "hana", **more: Any) -> Any:
    given = {"answers": {"size": 3}, **more}
    return user_tasks.complete(world.engine, actor=world.actor(by), task_id=task_id, **given)


def test_every_submission_is_kept_whole_with_its_form(world: World, task_id: UUID) -> None:
    complete(world, task_id)
    (event,) = world.history(row(world, task_id).case_id, "task_completed")
    payloads = keeping.history_payloads
    kept = world.rows(sa.select(payloads).where(payloads.c.event_id == event.id))[0]
    assert kept.body["size"] == 3
    assert kept.form_id == row(world, task_id).form_id
    assert event.detail == {"element": "ask"}
    assert (row(world, task_id).state, row(world, task_id).closed_by) == ("completed", world.ids["hana"])


def test_the_second_person_learns_who_was_first_and_when(world: World, task_id: UUID) -> None:
    complete(world, task_id, "idris")
    for act in (lambda: complete(world, task_id), lambda: complete(world, task_id, request_key="other")):
        with pytest.raises(TaskClosed, match="Idris Cole completed this task") as closed:
            act()
        assert closed.value.details["at"] == world.clock.now()


def test_a_page_shown_before_somebody_changed_the_task_is_stale(world: World, task_id: UUID) -> None:
    user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task_id)
    with pytest.raises(TaskChanged) as changed:
        complete(world, task_id, expected_version=1)
    assert changed.value.details["version"] == 2
    complete(world, task_id, expected_version=2)


def test_the_same_request_again_gets_the_same_answer_once(world: World, task_id: UUID) -> None:
    first = complete(world, task_id, request_key="r1")
    again = complete(world, task_id, request_key="r1")
    assert first.case_id == again.case_id
    assert len(world.history(first.case_id, "task_completed")) == 1


def test_a_key_is_for_one_set_of_answers_to_one_task(world: World, task_id: UUID) -> None:
    complete(world, task_id, request_key="r1")
    with pytest.raises(KeyUsed):
        complete(world, task_id, request_key="r1", answers={"size": 4})
    case_id = world.start_case(process_key="small")
    (other,) = world.tasks(case_id, element="ask")
    with pytest.raises(KeyUsed):
        complete(world, other.id, request_key="r1")
    assert row(world, other.id).state == "open"
    complete(world, other.id, "idris", request_key="r1")


def test_only_answers_the_diagram_names_go_into_the_process() -> None:
    world = small(
        model(
            user("ask", camunda_candidateGroups="case_workers"), user("look", camunda_candidateGroups="case_workers"),
            user("other", camunda_candidateGroups="case_workers"), element("exclusiveGateway", "fork"),
            way='start ask; ask fork; fork look [colour = "red"]; fork other *; look end; other end',
        )
    )  # fmt: skip
    case_id = world.start_case(process_key="small")
    world.do("ask", "hana", case_id=case_id, colour="red", secret="The family's story")
    assert world.task("look", case_id).variables == {"colour": "red"}
    assert b"family" not in world.instance(case_id, "small").state


def test_an_answer_that_is_no_scalar_is_not_routed() -> None:
    world = small(
        model(
            user("ask", camunda_candidateGroups="case_workers"), user("look", camunda_candidateGroups="case_workers"),
            element("exclusiveGateway", "fork"),
            way="start ask; ask fork; fork end [parts = null]; fork look *; look end",
        )
    )  # fmt: skip
    case_id = world.start_case(process_key="small")
    world.do("ask", "hana", case_id=case_id, parts=[{"a": 1}])
    assert world.instance(case_id, "small").status == "ended"


def test_nobody_to_ask_means_the_coordinators_and_a_word_in_the_history() -> None:
    world = small(asking("", camunda_assignee="=lead_professional", camunda_candidateGroups=""))
    held = world.start_case(process_key="small")
    assert world.task("ask", held).assignee_id == world.ids["hana"], "the assessor holds what a lead would"
    world = small(asking("", camunda_assignee="=nobody", camunda_candidateGroups=""))
    case_id = world.start_case(process_key="small")
    task = world.task("ask", case_id)
    assert (task.assignee_id, task.candidate_groups, task.queue) == (None, ["coordinators"], "coordinators")
    assert world.history(case_id, "nobody_to_ask")[0].detail == {"element": "ask", "given_to": "coordinators"}
    world.do("ask", "cleo", case_id=case_id)


def test_an_assignee_nobody_knows_stops_the_start_in_words() -> None:
    world = small(asking("", camunda_assignee='="Hana"'))
    with pytest.raises(Invalid, match="the task without a name \\(ask\\): the assignee 'Hana' is not"):
        world.start_case(process_key="small")


def test_due_dates_come_from_dates_moments_and_durations() -> None:
    tasks = {"d": '=date("2026-03-05")', "t": '=date and time("2026-03-05T23:30:00Z")', "p": "P5D", "n": "=null"}
    steps = [user(name, camunda_candidateGroups="case_workers", camunda_dueDate=due) for name, due in tasks.items()]
    world = small(model(*steps, element("parallelGateway", "all"), way="start all; " + "; ".join(
        f"all {name}; {name} end" for name in tasks)))  # fmt: skip
    case_id = world.start_case(process_key="small")
    due = {task.element_id: task.due_on and task.due_on.isoformat() for task in world.tasks(case_id)}
    # Five days after a Monday is a Saturday: the promise is the Monday after.
    assert due == {"d": "2026-03-05", "t": "2026-03-05", "p": "2026-03-09", "n": None}


def test_later_tasks_go_to_whoever_leads_then() -> None:
    appoint = asking("", element="appoint", key="appointing", record="appoint_lead_professional")
    lead = model(
        user("first", camunda_assignee="=lead_professional"), user("second", camunda_assignee="=lead_professional"),
        way="start first; first second; second end", key="led",
    )  # fmt: skip
    world = small(appoint, lead, asking(""))
    case_id = world.start_case(process_key="small")

    def name_lead(who: str) -> None:
        world.start_process(case_id, "appointing")
        world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids[who]))

    name_lead("hana")
    world.start_process(case_id, "led", lead_professional="an old answer is not asked")
    name_lead("idris")
    assert world.task("first", case_id).assignee_id == world.ids["hana"]
    world.do("first", "hana", case_id=case_id)
    assert world.task("second", case_id).assignee_id == world.ids["idris"]


def test_a_step_that_cannot_go_on_keeps_nothing_but_an_incident() -> None:
    fork = element("exclusiveGateway", "fork")
    world = small(
        model(user("ask", camunda_candidateGroups="case_workers"), fork, way="start ask; ask fork; fork end [size > 5]")
    )
    case_id = world.start_case(process_key="small")
    for tries in (1, 2):
        with pytest.raises(Invalid, match="fork"):
            world.do("ask", "hana", case_id=case_id, size=1)
        (incident,) = world.incidents(case_id)
        assert (incident.kind, incident.tries) == ("step", tries)
    assert world.open_elements(case_id) == ["ask"]
    assert not world.history(case_id, "task_completed")
    world.do("ask", "hana", case_id=case_id, size=6)
    assert (world.incidents(case_id), world.instance(case_id, "small").status) == ([], "ended")
