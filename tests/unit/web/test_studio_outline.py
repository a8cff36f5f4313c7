"""A diagram changed by its outline alone: plain pages, no script, kept as a draft that says what it lacks."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from engine.commands import model_drafts
from engine.outlines import Diagram, lanes_of, outline
from engine.outlines.drawing import Drawing
from engine.queries import model_drafts as drafts
from tests.unit.web.service import Service, Visitor

FILE = "agree_plan.bpmn"
AT = f"?file={FILE}"
PAUSE = timedelta(minutes=11)
ONWARD = "agree_action_plan_to_send_plan_to_family"


@pytest.fixture
def designer(service: Service) -> Visitor:
    visitor = service.signed_in("tomas")
    visitor.get(f"/studio/outline{AT}")
    return visitor


def text(service: Service) -> str:
    return drafts.text(service.engine, actor=service.actor("tomas"), file=FILE).decode()


def act(visitor: Visitor, path: str, **typed: str) -> str:
    visitor.get(path)
    return visitor.post(path, expected=visitor.hidden("expected"), **typed)


def step_of(name: str) -> str:
    return f"/studio/outline/step{AT}&step={name}"


def way_of(name: str) -> str:
    return f"/studio/outline/way{AT}&way={name}"


def test_every_step_stands_with_who_by_when_and_what_next(designer: Visitor) -> None:
    assert designer.says(
        "What happens, step by step?", "Agree the action plan", "Lead professional, or one of the coordinators",
        'add working days(today(), time limit("plan_days"))', "Days late Meanwhile, at a time, beside it",
        "Then: Send the plan to the family", "This is in force, version 1",
    )  # fmt: skip
    order = [unescape(each) for each in re.findall(r'id="step-([^"]+)"', designer.page)]
    assert order.index("start_agreeing") < order.index("agree_action_plan") < order.index("end_agreed")


def test_steps_of_one_name_are_told_apart_where_a_way_is_led_to_one(designer: Visitor) -> None:
    designer.get("/studio/outline?file=tac_meeting.bpmn")
    way = re.search(r"/studio/outline/way\?file=tac_meeting.bpmn&amp;way=[^\"]+", designer.page)
    assert way
    designer.get(unescape(way[0]))
    where = designer.page.partition('name="target"')[2].partition("</select>")[0]
    offered = re.findall(r"<option[^>]*>([^<]+)</option>", where)
    assert "Remind who leads (after: Hold the TAC meeting, then A day late)" in offered
    steps = [each for each in offered if each.startswith(("Reminded", "Remind who leads", "Manager told", "Tell the"))]
    assert len(steps) == len(set(steps)) > 6


def test_an_approval_is_put_in_filled_in_and_kept_as_a_draft(service: Service, designer: Visitor) -> None:
    act(designer, way_of(ONWARD), act="step", what="userTask", new_name="Approve the plan")
    assert designer.says("The step is put in. Now say who does it", "Nobody may do it", "such as the case workers")
    assert 'id="candidateGroups-error"' in designer.page
    act(designer, step_of("approve_the_plan"), act="save", candidateGroups="line_managers", documentation="Look at it.",
        dueDate="add working days(today(), 2)")  # fmt: skip
    assert designer.says("Saved. It is kept as a draft.", "Line managers", "By: add working days(today(), 2)")
    assert "Seldom needed" in designer.get(step_of("approve_the_plan"))
    act(designer, step_of("approve_the_plan"), act="save", candidateGroups="line_managers")
    assert designer.says("Nothing was changed.") and not designer.says("Saved. It is kept as a draft.")
    assert not designer.says("To mend")
    act(designer, step_of("approve_the_plan"), act="remind", new_name="Remind the manager", time="P1D",
        reminder="tell_line_manager")  # fmt: skip
    assert designer.says("The reminder is put in", "Remind the manager Meanwhile, at a time, beside it")
    (process,) = outline(Diagram(text(service).encode(), name=FILE))
    assert [each.target_id for step in process.steps if step.id == "agree_action_plan" for each in step.onward] == [
        "approve_the_plan"
    ]


def test_a_step_is_put_in_the_lane_that_is_chosen(service: Service, designer: Visitor) -> None:
    lane, name = lanes_of(Diagram(text(service).encode(), name=FILE), flow_id=ONWARD)[0]
    designer.get(way_of(ONWARD))
    assert designer.says("In whose lane it stands", name)
    act(designer, way_of(ONWARD), act="step", what="userTask", new_name="Approve the plan", lane=lane)
    diagram = Diagram(text(service).encode(), name=FILE)
    drawn = Drawing(diagram)
    assert drawn.lane_at("approve_the_plan") == lane
    box = drawn.box("approve_the_plan")
    assert box is not None and not [each for each in drawn.boxes(("approve_the_plan",)) if box.meets(each, 0)]
    (refs,) = (each for each in diagram.root.iter("{*}lane") if each.get("id") == lane)
    assert "approve_the_plan" in [each.text for each in refs]
    act(designer, way_of(ONWARD), act="step", what="userTask", new_name="Another", lane="nobody")
    assert designer.says("Choose a lane of the same part")


def test_a_step_that_is_there_moves_to_another_lane(service: Service, designer: Visitor) -> None:
    lanes = {name: lane for lane, name in lanes_of(Diagram(text(service).encode(), name=FILE), flow_id=ONWARD)}
    designer.get(step_of("tell_members"))
    assert designer.says("In whose lane it stands", *lanes)
    act(designer, step_of("tell_members"), act="save", lane=lanes["Lead professional"])
    assert designer.says("Saved. It is kept as a draft.")
    diagram = Diagram(text(service).encode(), name=FILE)
    assert Drawing(diagram).lane_at("tell_members") == lanes["Lead professional"]
    act(designer, step_of("tell_members"), act="save", lane="nobody")
    assert designer.status == 422 and designer.says("Choose a lane of the same part")


def test_an_error_stands_at_its_field_and_on_the_list(designer: Visitor) -> None:
    act(designer, step_of("agree_action_plan"), act="save", dueDate="add working days(today(), ")
    assert designer.says("To mend", "The due date", "is not FEEL")
    designer.get(step_of("agree_action_plan"))
    assert re.search(r'id="dueDate-error"[^>]*>.*?is not FEEL', designer.page, re.DOTALL)
    field = re.search(r'<input[^>]*id="dueDate"[^>]*>', designer.page).group(0)
    assert "govuk-input--error" in field and "dueDate-error" in field


def test_a_choice_that_is_not_said_whole_keeps_what_was_typed(designer: Visitor, service: Service) -> None:
    act(designer, way_of(ONWARD), act="choice", question="Approved?", when="", other="agree_action_plan")
    assert designer.status == 422 and designer.says("Say when the case goes the other way")
    assert 'value="Approved?"' in designer.page and 'value="agree_action_plan" selected' in designer.page
    act(designer, way_of(ONWARD), act="choice", question="Approved?", when="lead_professional = null",
        other="agree_action_plan")  # fmt: skip
    assert designer.says("If lead_professional = null : Agree the action plan", "Otherwise: Send the plan to the fam")
    gate = re.search(r'way=(approved_to_agree[^"&]+)', designer.page).group(1)
    act(designer, way_of(gate), act="remove")
    assert designer.says("The way is taken out") and "approved_to_agree" not in text(service)
    act(designer, step_of("approved"), act="remove")
    assert designer.says("The step is taken out") and "approved" not in text(service)


def test_what_somebody_else_saved_since_is_not_written_over(designer: Visitor, service: Service) -> None:
    designer.get(step_of("agree_action_plan"))
    before = designer.hidden("expected")
    act(designer, step_of("tell_members"), act="save", name="Tell everybody")
    designer.post(step_of("agree_action_plan"), expected=before, act="save", name="Mine")
    assert designer.status == 422 and designer.says("saved this file since you opened it")
    assert 'value="Mine"' in designer.page
    assert "Mine" not in text(service) and "Tell everybody" in text(service)


def test_an_earlier_text_is_put_back(designer: Visitor, service: Service) -> None:
    act(designer, step_of("tell_members"), act="save", name="Tell everybody")
    service.clock.advance(PAUSE)
    act(designer, step_of("tell_members"), act="save", name="Tell nobody")
    designer.get(f"/studio/outline{AT}")
    designer.post(f"/studio/steps{AT}", expected=designer.hidden("expected"), version="1")
    assert designer.says("The earlier text is the draft again") and "Tell everybody" in text(service)


def test_lanes_and_pools_are_called_something_else(designer: Visitor, service: Service) -> None:
    assert designer.says("Pools, lanes and notes", "The service Lane", "The first plan Pool")
    lane = re.search(r'<bpmn:lane id="(\w+)" name="The service">', text(service)).group(1)
    act(designer, step_of(lane), act="save", name="By itself")
    assert designer.says("By itself Lane", "Take back: Lane “By itself” changed")
    assert f'<bpmn:lane id="{lane}" name="By itself">' in text(service)


def test_a_repeated_step_may_be_enough_early(designer: Visitor, service: Service) -> None:
    act(designer, step_of("agree_action_plan"), act="save", enough="agreed")
    assert designer.status == 422 and designer.says("Say first for each of what the step is done")
    act(designer, step_of("agree_action_plan"), act="save", collection="owners", item="owner", enough="agreed")
    assert re.search(r"<bpmn:completionCondition[^>]*>agreed</bpmn:completionCondition>", text(service))
    act(designer, step_of("agree_action_plan"), act="save", collection="owners", enough="")
    assert "completionCondition" not in text(service)


def take_back(visitor: Visitor) -> None:
    form = visitor.page[visitor.page.index('class="caf-undo"') :]
    version = re.search(r'name="version" value="(\d*)"', form).group(1)
    visitor.post(f"/studio/steps{AT}", expected=visitor.hidden("expected"), version=version)


def test_each_change_is_a_step_that_can_be_taken_back(designer: Visitor, service: Service) -> None:
    act(designer, way_of(ONWARD), act="step", what="userTask", new_name="Approve the plan")
    act(designer, step_of("tell_members"), act="save", name="Tell everybody")
    act(designer, step_of("approve_the_plan"), act="save", candidateGroups="line_managers")
    assert designer.says("Take back: Step “Approve the plan” changed")
    take_back(designer)
    assert designer.says("Take back: Step by itself “Tell everybody” changed")
    assert 'candidateGroups="line_managers"' not in text(service) and "Tell everybody" in text(service)
    take_back(designer)
    assert designer.says("Take back: Step “Approve the plan” put in and") and "Tell everybody" not in text(service)
    take_back(designer)
    assert designer.says("It is as it is in force again", "This is in force, version 1")
    assert "Take back:" not in designer.page


def test_the_groups_who_may_take_a_task_are_ticked(designer: Visitor, service: Service) -> None:
    page = designer.get(step_of("agree_action_plan"))
    boxes = dict(re.findall(r'name="candidateGroups" value="(\w+)"( checked)?', page))
    assert boxes == {name: " checked" if name == "coordinators" else "" for name in boxes} and len(boxes) > 3
    before = text(service)
    act(designer, step_of("agree_action_plan"), act="save", candidateGroups="coordinators")
    assert text(service) == before, "what is ticked as it was stays as it was written"
    act(designer, step_of("agree_action_plan"), act="save", candidateGroups=["coordinators", "line_managers"])
    assert 'candidateGroups="coordinators,line_managers"' in text(service)
    rule = 'if unborn then ["coordinators"] else ["case_workers"]'
    act(designer, step_of("agree_action_plan"), act="save", candidateGroups="line_managers",
        candidateGroups_written=f"={rule}")  # fmt: skip
    assert "else [" in text(service) and '"line_managers"' not in text(service)
    assert "else [" in re.search(r'<input[^>]*id="candidateGroups_written"[^>]*>', designer.get(
        step_of("agree_action_plan"))).group(0), "an expression stands where it is written"  # fmt: skip


def test_a_file_that_cannot_be_read_says_so(service: Service) -> None:
    tomas = service.signed_in("tomas")
    model_drafts.save(service.engine, actor=service.actor("tomas"), file="x.bpmn", content=b"<no", expected=None)
    tomas.get("/studio/outline?file=x.bpmn")
    assert tomas.status == 200 and tomas.says("not well-formed")
    tomas.get("/studio/outline?file=gone.bpmn")
    assert tomas.status == 404


def test_markup_in_a_name_is_shown_and_never_run(designer: Visitor) -> None:
    act(designer, step_of("tell_members"), act="save", name="<script>alert(1)</script>")
    assert "<script>alert" not in designer.page and designer.says("<script>alert(1)</script>")
