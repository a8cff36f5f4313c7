"""The place in a guide that a process or a user task names has to be there."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.bpmn.lint.snippets import CATALOGUE, lint, said, wrapped
from tests.unit.bpmn.lint.snippets import file as bpmn

KNOWN = replace(CATALOGUE, guidance=frozenset({"steps", "steps#plan"}))


def named(place: str) -> str:
    listed = f'<camunda:property name="guidance" value="{place}"/>'
    return f"<extensionElements><camunda:properties>{listed}</camunda:properties></extensionElements>"


def task(place: str) -> bytes:
    return bpmn(wrapped(f'<userTask id="ask" camunda:candidateGroups="case_workers">{named(place)}</userTask>'))


def test_a_place_that_is_there_is_sound():
    assert lint(task("steps#plan"), KNOWN) == ()
    whole = wrapped('<userTask id="ask" camunda:candidateGroups="case_workers"/>')
    assert lint(bpmn(named("steps") + whole), KNOWN) == ()


def test_a_place_that_nobody_wrote_is_refused_with_the_nearest():
    found = lint(task("steps#plans"), KNOWN)
    assert said(found, "ask", "which no guide has") and "steps#plan" in found[0].advice
    assert lint(task("steps#plans")) == (), "without the guides at hand, places go unchecked"


def test_a_place_on_what_has_no_page_is_refused():
    start = f'<startEvent id="start">{named("steps")}</startEvent>'
    source = bpmn(f'{start}<userTask id="ask" camunda:candidateGroups="case_workers"/><endEvent id="finish"/>')
    assert said(lint(source, KNOWN), "start", "has no page")
