"""Diagrams started on a case: the button's words, who may, and the start event's form are checked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.bpmn.lint.snippets import ASK, CATALOGUE, STRAIGHT, file, lint, said

KNOWN = replace(CATALOGUE, starters=frozenset({"lead", "coordinator"}))


def diagram(start: str = "", inside_start: str = "", **of_process: str) -> bytes:
    begin = f'<startEvent id="start" {start}>{extensions(inside_start)}</startEvent>'
    stated = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in of_process.items())
    return file(f'{extensions(stated)}{begin}{ASK}<endEvent id="finish"/>', STRAIGHT)


def extensions(inside: str) -> str:
    return f"<extensionElements><camunda:properties>{inside}</camunda:properties></extensionElements>" if inside else ""


WORDS = {"start_on_case": "Hand over", "starters": "lead, coordinator"}
RECORD = '<camunda:property name="record" value="{}"/>'
FORM = 'camunda:formRef="review"'


def test_a_whole_start_is_sound() -> None:
    whole = diagram(FORM, RECORD.format("hold_review"), **WORDS, one_at_a_time="yes")
    assert lint(whole, KNOWN) == ()
    assert lint(diagram(), KNOWN) == ()
    assert lint(diagram(one_at_a_time="yes"), KNOWN) == ()
    assert lint(diagram(starts_case="An assessment", pathway="caf"), KNOWN) == ()


@pytest.mark.parametrize(
    ("source", "element", "words"),
    [
        (diagram(start_on_case="Hand over"), "episode", "names nobody"),
        (diagram(start_on_case="Hand over", starters=" , "), "episode", "names nobody"),
        (diagram(start_on_case="Hand over", starters="lead, boss"), "episode", "names 'boss'"),
        (diagram(starters="lead"), "episode", "does not say the words of the button"),
        (diagram(start_on_case=" ", starters="lead"), "episode", "does not say the words of the button"),
        (diagram(**WORDS, one_at_a_time="maybe"), "episode", "one_at_a_time is 'maybe'"),
        (diagram(one_at_a_time="maybe"), "episode", "one_at_a_time is 'maybe'"),
        (diagram(starts_case="An assessment"), "episode", "pathway is ''"),
        (diagram(starts_case="An assessment", pathway="Step down"), "episode", "pathway is 'Step down'"),
        (diagram(pathway="caf"), "episode", "does not say the words to begin a case with"),
        (diagram(starts_case=" ", pathway="caf"), "episode", "does not say the words to begin a case with"),
        (diagram(FORM, starts_case="An assessment", pathway="caf"), "start", "never used"),
        (diagram(FORM), "start", "never used"),
        (diagram("", RECORD.format("hold_review")), "start", "never used"),
        (diagram("", RECORD.format("hold_review"), **WORDS), "start", "asks nothing"),
        (diagram('camunda:formRef="nothing"', **WORDS), "start", "no form 'nothing'"),
        (diagram(FORM, RECORD.format("nothing"), **WORDS), "start", "no record operation 'nothing'"),
    ],
)
def test_a_start_that_cannot_work_is_refused(source: bytes, element: str, words: str) -> None:
    assert said(lint(source, KNOWN), element, words)


def test_a_start_that_waits_for_a_message_is_not_one_for_people() -> None:
    start = f'<startEvent id="start" {FORM}><messageEventDefinition messageRef="m"/></startEvent>'
    stated = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in WORDS.items())
    source = file(
        f'{extensions(stated)}{start}{ASK}<endEvent id="finish"/>', STRAIGHT, '<message id="m" name="news"/>'
    )
    found = lint(source, KNOWN)
    assert said(found, "episode", "no plain start event")
    assert said(found, "start", "never used")


def test_without_a_list_of_starters_names_go_unchecked() -> None:
    assert lint(diagram(start_on_case="Hand over", starters="boss")) == ()


def test_a_case_is_not_opened_by_a_diagram_that_waits_for_a_message() -> None:
    start = '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>'
    words = '<camunda:property name="starts_case" value="An assessment"/>'
    stated = f'{words}<camunda:property name="pathway" value="caf"/>'
    source = file(
        f'{extensions(stated)}{start}{ASK}<endEvent id="finish"/>', STRAIGHT, '<message id="m" name="news"/>'
    )
    assert said(lint(source, KNOWN), "episode", "has no plain start event")


@pytest.mark.parametrize(
    ("fact", "faulty"),
    [
        ("plan_agreed", False), ("open_actions", False), ("lead_professional", False), ("consent", False),
        ("plan_agred", True), ("open_months", True),
    ],
)
def test_what_it_is_offered_by_is_a_fact_that_is_yes_or_no_or_counts_something(fact: str, faulty: bool) -> None:
    found = lint(diagram(**WORDS, offered_when=fact), KNOWN)
    assert bool(said(found, "episode", f"offered_when is '{fact}'")) is faulty
