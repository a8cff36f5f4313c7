"""A concern or a withdrawal inside a step that cannot run is kept and told; the step goes on with it once it can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.queries import timeline
from engine.store.tables import record, running
from tests.episodes import answers_for, start_and_walk_to
from tests.small_models import ask, serve
from tests.unit.bpmn.diagrams import boundary, element, timer
from tests.worlds import World, model, open_world, shipped_models

MERGE, GATE = element("exclusiveGateway", "merge"), element("exclusiveGateway", "gate")
GOES_IN = '<extensionElements><camunda:in source="concern" target="concern"/></extensionElements>'
PUT = element("callActivity", "put", GOES_IN, calledElement="safeguarding_concern")
ROUND = 'gate merge [today() < date("2026-03-04") and caf_reason != ""]'
"""A circle that no token leaves before Wednesday: what the world begins on is a Monday."""
TOLD = model(
    ask("tell"), serve("open", "open_concern"), MERGE, GATE, PUT,
    way=f"start tell; tell open; open merge; merge gate; {ROUND}; gate put *; put end", key="told",
)  # fmt: skip
LATE = model(
    ask("tell"), boundary("late", "tell", timer("PT1H"), interrupting=False), serve("open", "open_concern"),
    MERGE, GATE, element("endEvent", "done"),
    way=f"start tell; tell end; late open; open merge; merge gate; {ROUND}; gate done *", key="late_told",
)  # fmt: skip
STOPPED = model(
    ask("tell"), serve("stop", "stop_sharing"), MERGE, GATE,
    way=f"start tell; tell stop; stop merge; merge gate; {ROUND}; gate end *", key="stopped",
)  # fmt: skip
SMALL = {"told.bpmn": TOLD, "late_told.bpmn": LATE, "stopped.bpmn": STOPPED}
ALL_THE_SAME = "The concern about the child is kept and has been told to the managers and safeguarding leads all the"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={**shipped_models(), **SMALL}) as built:
        yield built


def concerns(world: World, case_id: UUID) -> list[Any]:
    table = record.concerns
    return list(world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.raised_at, table.c.id)))


def asked_to_tell(world: World) -> Any:
    return world.task("tell")


def stuck_concern() -> dict[str, bytes]:
    """Return the shipped diagram of a concern with a circle drawn before its first task that no token leaves."""
    flow = 'id="start_concern_to_acknowledge_concern" sourceRef="start_concern" targetRef='
    circle = """<bpmn:exclusiveGateway id="merge"/><bpmn:exclusiveGateway id="gate" default="out"/>
        <bpmn:sequenceFlow id="on" sourceRef="merge" targetRef="gate"/>
        <bpmn:sequenceFlow id="back" sourceRef="gate" targetRef="merge">
          <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=today() != null</bpmn:conditionExpression>
        </bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="out" sourceRef="gate" targetRef="acknowledge_concern"/></bpmn:process>"""
    drawn = shipped_models()["safeguarding_concern.bpmn"].decode().replace("</bpmn:process>", circle)
    return {"safeguarding_concern.bpmn": drawn.replace(f'{flow}"acknowledge_concern"', f'{flow}"merge"').encode()}


def sharing(world: World, case_id: UUID) -> str:
    table = record.consents
    query = sa.select(table.c.answer).where(table.c.case_id == case_id, table.c.purpose == "sharing")
    (row,) = world.rows(query.where(table.c.to_on.is_(None)))
    return str(row.answer)


def test_a_concern_outlives_its_step_and_the_step_goes_on_with_it(world: World) -> None:
    case_id = world.start_case()
    world.start_process(case_id, "told")
    with pytest.raises(Invalid, match="more than 1,000 steps.*" + ALL_THE_SAME):
        world.do("tell", "hana", case_id=case_id, caf_reason="A bruise")
    (kept,) = concerns(world, case_id)
    assert (kept.what_happened, kept.raised_by, kept.ended_on) == ("A bruise", world.ids["hana"], None)
    assert len(world.history(case_id, "manager_alerted")) == 1
    (asked,) = world.tasks(case_id, element="acknowledge_concern")
    assert asked.variables["concern"] == str(kept.id)
    drafts = sa.select(running.task_drafts.c.answers).where(running.task_drafts.c.task_id == asked_to_tell(world).id)
    assert [row.answers for row in world.rows(drafts)] == [{"caf_reason": "A bruise"}]
    with pytest.raises(Invalid, match=ALL_THE_SAME):
        world.do("tell", "hana", case_id=case_id, caf_reason="A bruise, and a cut")
    assert [each.what_happened for each in concerns(world, case_id)] == ["A bruise, and a cut"]
    assert len(concerns(world, case_id)) == 1 == len(world.history(case_id, "manager_alerted")), "told once"
    world.clock.advance(timedelta(days=2))
    world.do("tell", "hana", case_id=case_id, caf_reason="A bruise, and a cut")
    (taken_up,) = concerns(world, case_id)
    assert (taken_up.id, taken_up.what_happened) == (kept.id, "A bruise, and a cut")
    (now_asked,) = world.tasks(case_id, element="acknowledge_concern")
    assert now_asked.id != asked.id and now_asked.variables["concern"] == str(kept.id)
    events = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    assert any("goes on with the concern that was kept" in each.what for each in events)
    assert not world.verified().findings and world.incidents(case_id) == []


def test_one_that_social_care_has_answered_meanwhile_is_not_put_for_another(world: World) -> None:
    case_id = world.start_case()
    world.start_process(case_id, "told")
    with pytest.raises(Invalid):
        world.do("tell", "hana", case_id=case_id, caf_reason="A bruise")
    said = {"accepted": "yes", "acknowledged_on": world.today.isoformat(), "note": "They rang back."}
    world.do("acknowledge_concern", "ada", case_id=case_id, **said)
    world.clock.advance(timedelta(days=2))
    world.do("tell", "hana", case_id=case_id, caf_reason="Another bruise")
    first, second = concerns(world, case_id)
    assert (first.what_happened, second.what_happened, second.ended_on) == ("A bruise", "Another bruise", None)


def test_a_review_that_steps_up_is_kept_where_nothing_about_a_concern_can_start(world: World) -> None:
    world.deploy(stuck_concern())
    case_id = start_and_walk_to(world, "hold_review")
    stepping_up = answers_for(world, "hold_review") | {"next_step": "step_up", "outcome": "worse"}
    with pytest.raises(Invalid, match=ALL_THE_SAME):
        world.do("hold_review", "hana", case_id=case_id, **stepping_up)
    (kept,) = concerns(world, case_id)
    assert len(world.history(case_id, "manager_alerted")) == 2, "of the concern, and that nobody follows it up"
    assert {each.kind for each in world.incidents(case_id)} == {"step", "start"}
    world.deploy({"safeguarding_concern.bpmn": shipped_models()["safeguarding_concern.bpmn"]})
    world.tick()
    (asked,) = world.tasks(case_id, element="acknowledge_concern")
    assert asked.variables["concern"] == str(kept.id)


def test_a_timer_that_cannot_go_on_tells_its_concern_once(world: World) -> None:
    case_id = world.start_case()
    world.start_process(case_id, "late_told", caf_reason="Nobody has been seen")
    world.clock.advance(timedelta(hours=1, minutes=1))
    for _ in range(2):
        world.tick()
        world.clock.advance(timedelta(hours=1))
    (kept,) = concerns(world, case_id)
    assert (kept.what_happened, kept.raised_by) == ("Nobody has been seen", world.ids["hana"])
    world.clock.advance(timedelta(days=2))
    world.tick()
    assert [each.id for each in concerns(world, case_id)] == [kept.id]


def test_sharing_stops_although_the_step_that_stops_it_is_undone(world: World) -> None:
    case_id = start_and_walk_to(world, "complete_assessment")
    world.start_process(case_id, "stopped")
    with pytest.raises(Invalid, match="Sharing has stopped all the same"):
        world.do("tell", "hana", case_id=case_id, caf_reason="Mother, by telephone")
    assert sharing(world, case_id) == "withdrawn"
    assert "check_for_harm" in world.open_elements(case_id)
    with pytest.raises(Invalid, match="The step was undone") as again:
        world.do("tell", "hana", case_id=case_id, caf_reason="Mother, by telephone")
    assert "Sharing" not in str(again.value), "there was nothing left to stop"
    assert len(world.history(case_id, "consent_withdrawal_told")) == 1


def test_answers_that_are_refused_keep_nothing(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    wrong = answers_for(world, "hold_review") | {"next_step": "step_up", "outcome": ""}
    with pytest.raises(Invalid):
        world.do("hold_review", "hana", case_id=case_id, **wrong)
    assert concerns(world, case_id) == []
