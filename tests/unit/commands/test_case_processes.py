"""Starting a diagram on a case: who may, what it asks first, once, and one at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.commands import case_processes
from engine.errors import Conflict, NotFound, NotPermitted
from engine.forms import InvalidAnswers
from engine.queries import case_file, case_starts
from engine.store.tables import record
from tests.small_files import form, properties, timescales
from tests.unit.bpmn.diagrams import element, end, file_of, process, user
from tests.unit.operations.conftest import QUIET
from tests.worlds import World, build_world, model

AREA = {"type": "textfield", "id": "a", "key": "area", "label": "Where?", "validate": {"required": True}}
QUESTIONS = form("tell", AREA, "consent")


def startable(
    key: str = "moving", *, starters: str = "lead, assessor", words: str = "The family moves", **more: str
) -> bytes:
    """Return a diagram that asks where, records consent, and lets a case worker look when the area says so."""
    begin = element("startEvent", "start", properties(record="record_consent"), camunda_formRef="tell")
    look = user("look", camunda_candidateGroups="case_workers")
    pack = user("pack", camunda_candidateGroups="case_workers")
    way = 'start far; far pack [area = "York"]; far look *; look end; pack end'
    said = properties(start_on_case=words, starters=starters, **more)
    return file_of(process(said, begin, element("exclusiveGateway", "far"), look, pack, end(), way=way, key=key))


@pytest.fixture
def world() -> World:
    world = build_world(models={})
    idle = model(user("rest", camunda_candidateGroups="case_workers"), way="start rest; rest end", key="idle")
    world.deploy(
        {
            "idle.bpmn": idle, "tell.form": QUESTIONS, "moving.bpmn": startable(one_at_a_time="yes"),
            "timescales.dmn": timescales(review_opens_days=15), "quiet.dmn": QUIET,
        }
    )  # fmt: skip
    return world


def begin(world: World, case_id: UUID, by: str = "hana", key: str = "moving", **more: Any) -> UUID:
    answers = {"area": "Leeds", "consent": "given"} | more.pop("answers", {})
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key=key, answers=answers, **more
    )


def test_the_answers_are_recorded_routed_and_kept_in_one_act(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    instance_id = begin(world, case_id, answers={"area": "York"})
    assert world.instance(case_id, "moving").id == instance_id
    assert world.open_elements(case_id) == ["pack", "rest"]
    (kept,) = world.rows(record.consents.select().where(record.consents.c.case_id == case_id))
    assert kept.answer == "given"
    (event,) = world.history(case_id, "case_process_started")
    assert (event.subject_id, event.detail) == (instance_id, {"process": "moving"})
    assert not world.verified().findings


def test_wrong_answers_change_nothing(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    before = world.case(case_id).version
    with pytest.raises(InvalidAnswers) as wrong:
        begin(world, case_id, answers={"area": ""})
    assert set(wrong.value.errors) == {"area"}
    assert world.case(case_id).version == before


def test_who_is_not_listed_may_not(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    with pytest.raises(NotPermitted):
        begin(world, case_id, "cleo")
    with pytest.raises(NotFound):
        begin(world, case_id, "piet")
    assert "pack" not in world.open_elements(case_id)


@pytest.mark.parametrize(
    ("starters", "may"),
    [("assessor", {"hana"}), ("coordinator", {"cleo"}), ("line_manager", {"morgan"}), ("lead, mag_member", set())],
)
def test_the_diagram_says_who_may(world: World, starters: str, may: set[str]) -> None:
    world.deploy({"moving.bpmn": startable(starters=starters)})
    case_id = world.start_case(process_key="idle")
    offered = set()
    for who in ("hana", "cleo", "morgan"):
        found = case_starts.startable(world.engine, actor=world.actor(who), case_id=case_id)
        offered |= {who for each in found if each.process_key == "moving"}
    assert offered == may


def test_a_repeated_request_gives_the_first_answer(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    first = begin(world, case_id, request_key="the same page")
    assert begin(world, case_id, request_key="the same page") == first
    assert len(world.history(case_id, "case_process_started")) == 1


def test_one_at_a_time_waits_for_the_end_of_the_first(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    first = begin(world, case_id)
    (offer,) = case_starts.startable(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert (offer.words, offer.under_way) == ("The family moves", True)
    with pytest.raises(Conflict, match="“The family moves” is under way"):
        begin(world, case_id)
    world.do("look", "hana", case_id=case_id)
    assert begin(world, case_id) != first


def test_without_that_word_several_run_side_by_side(world: World) -> None:
    world.deploy({"moving.bpmn": startable()})
    case_id = world.start_case(process_key="idle")
    assert begin(world, case_id) != begin(world, case_id)
    assert world.open_elements(case_id).count("look") == 2


def test_nothing_starts_on_a_closed_case_and_nothing_else_starts_this_way(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    with pytest.raises(NotFound):
        begin(world, case_id, key="idle")
    with pytest.raises(NotFound):
        begin(world, case_id, key="nowhere")
    world.write(record.cases.update().values(closed_on=world.today, closure_reason="needs_met"))
    with pytest.raises(Conflict):
        begin(world, case_id)
    assert case_starts.startable(world.engine, actor=world.actor("hana"), case_id=case_id) == ()


def test_the_page_has_the_form_that_was_deployed_with_the_diagram(world: World) -> None:
    case_id = world.start_case(process_key="idle")
    page = case_starts.page(world.engine, actor=world.actor("hana"), case_id=case_id, process_key="moving")
    assert page.form is not None
    assert (page.form.key, page.child_name, page.options) == ("tell", "Sam Whitlock", {})
    with pytest.raises(NotPermitted):
        case_starts.page(world.engine, actor=world.actor("cleo"), case_id=case_id, process_key="moving")
    file = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert [each.process_key for each in file.startable] == ["moving"]


def test_a_start_without_a_form_asks_nothing(world: World) -> None:
    bare = file_of(
        process(
            properties(start_on_case="Look again", starters="assessor"), element("startEvent", "start"),
            user("look", camunda_candidateGroups="case_workers"), end(), way="start look; look end", key="moving",
        )
    )  # fmt: skip
    world.deploy({"moving.bpmn": bare})
    case_id = world.start_case(process_key="idle")
    begin(world, case_id)
    assert world.open_elements(case_id) == ["look", "rest"]


def test_a_start_form_must_ask_what_its_operation_needs(world: World) -> None:
    with pytest.raises(Exception, match="does not ask 'consent'"):
        world.deploy({"tell.form": form("tell", "area"), "moving.bpmn": startable()})
