"""A diagram in other words: names and documentation change, what runs does not."""

from __future__ import annotations

from engine.bpmn import case_start, parse_process, reworded_drawing, reworded_process

SOURCE = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <process id="meet" name="A TAC" isExecutable="true">
    <documentation>The TAC meets.</documentation>
    <extensionElements><camunda:properties>
      <camunda:property name="start_on_case" value="Call a TAC" />
      <camunda:property name="starts_case" value="With a TAC" />
      <camunda:property name="starters" value="lead" />
    </camunda:properties></extensionElements>
    <startEvent id="begin"><outgoing>to_hold</outgoing></startEvent>
    <userTask id="hold" name="Hold the TAC" camunda:formRef="TAC"><documentation>With the TAC.</documentation>
      <incoming>to_hold</incoming><outgoing>to_end</outgoing></userTask>
    <endEvent id="finish" name="TAC held"><incoming>to_end</incoming></endEvent>
    <sequenceFlow id="to_hold" sourceRef="begin" targetRef="hold" />
    <sequenceFlow id="to_end" sourceRef="hold" targetRef="finish" />
  </process>
</definitions>"""


def _said(text: str) -> str:
    return text.replace("TAC", "TAF")


def test_names_documentation_and_the_button_are_reworded() -> None:
    (as_written,) = parse_process(SOURCE, name="meet.bpmn")
    told = reworded_process(as_written, _said)
    hold = told.element("meet", "hold")
    assert (told.name, told.documentation, hold.name, hold.documentation) == (
        "A TAF", "The TAF meets.", "Hold the TAF", "With the TAF.",
    )  # fmt: skip
    start = case_start(told)
    assert start is not None and start.words == "Call a TAF"
    assert told.properties["starts_case"] == "With a TAF"
    assert (hold.form, told.hash, told.spec) == ("TAC", as_written.hash, as_written.spec)
    assert as_written.element("meet", "hold").name == "Hold the TAC"


def test_a_drawing_is_reworded_and_nothing_else_of_its_file() -> None:
    drawn = reworded_drawing(SOURCE, _said, name="meet.bpmn")
    (told,) = parse_process(drawn, name="meet.bpmn")
    assert (told.name, told.elements["finish"].name) == ("A TAF", "TAF held")
    assert told.elements["hold"].form == "TAC"
    assert told.properties["start_on_case"] == "Call a TAC"
