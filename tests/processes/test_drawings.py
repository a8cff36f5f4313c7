"""A diagram can be looked at whole: it fits a screen, its words keep off its lines, and people's lanes are people's."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.processes.test_shipped_files import BPMN, DC, DI, PROCESSES, Box, boxes, lines, steps, tree

WIDEST = 1700
"""Pixels from one side of the pool to the other: what a laptop shows without scrolling much."""
ICON = 30
"""Pixels of the picture in a task's upper left corner that says who does it."""
A_LETTER = 6.1
"""Pixels that a letter of the name of a pool or lane takes on average."""
BY_ITSELF = {"serviceTask", "businessRuleTask", "sendTask", "scriptTask"}


def labels(key: str) -> dict[str, Box]:
    """Return where the words beside the events, gateways and lines of a diagram stand, by element."""
    found = {}
    for drawn in (*tree(key).iter(f"{DI}BPMNShape"), *tree(key).iter(f"{DI}BPMNEdge")):
        bounds = drawn.find(f"{DI}BPMNLabel/{DC}Bounds")
        name = drawn.get("bpmnElement", "")
        if bounds is not None:
            x, y, width, height = (float(bounds.get(side, "nan")) for side in ("x", "y", "width", "height"))
            found[name] = Box(name, x, y, x + width, y + height)
    return found


def kind(step: etree._Element) -> str:
    return etree.QName(step).localname


@pytest.mark.parametrize("key", PROCESSES)
def test_it_fits_a_screen(key: str) -> None:
    drawn = boxes(key).values()
    assert max(box.right for box in drawn) - min(box.left for box in drawn) <= WIDEST


@pytest.mark.parametrize("key", PROCESSES)
def test_no_words_stand_on_a_line(key: str) -> None:
    hit = [
        (label.element, name)
        for label in labels(key).values()
        for name, path in lines(key).items()
        for segment in path
        if label.touches(segment)
    ]
    assert hit == []


@pytest.mark.parametrize("key", PROCESSES)
def test_no_words_stand_on_a_step_or_on_other_words(key: str) -> None:
    drawn, beside = boxes(key), list(labels(key).values())
    steps_hit = [
        (label.element, step.get("id"))
        for label in beside
        for step in steps(key)
        if _stands_on(label, drawn[step.get("id", "")], kind(step))
    ]
    words_hit = [
        (one.element, other.element)
        for number, one in enumerate(beside)
        for other in beside[number + 1 :]
        if _stands_on(one, other, "words")
    ]
    assert (steps_hit, words_hit) == ([], [])


def _stands_on(label: Box, on: Box, what: str) -> bool:
    """Tell whether words reach inside what is drawn: a diamond, a circle, or a box."""
    middle_x, middle_y, half = (on.left + on.right) / 2, (on.top + on.bottom) / 2, (on.right - on.left) / 2
    across = max(label.left - middle_x, 0, middle_x - label.right)
    down = max(label.top - middle_y, 0, middle_y - label.bottom)
    if what.endswith("Gateway"):
        return across + down < half - 1
    if what.endswith("Event"):
        return across**2 + down**2 < (half - 1) ** 2
    return across < half - 1 and down < (on.bottom - on.top) / 2 - 1


@pytest.mark.parametrize("key", PROCESSES)
def test_no_words_stand_on_the_edge_of_a_lane(key: str) -> None:
    edges = [boxes(key)[lane.get("id", "")].top for lane in tree(key).iter(f"{BPMN}lane")]
    hit = [label.element for label in labels(key).values() if any(label.top < edge < label.bottom for edge in edges)]
    assert hit == []


@pytest.mark.parametrize("key", PROCESSES)
def test_the_names_of_pools_and_lanes_stand_in_one_line(key: str) -> None:
    """They are written upwards, in as much room as the pool or lane is high."""
    named = [*tree(key).iter(f"{BPMN}participant"), *tree(key).iter(f"{BPMN}lane")]
    drawn = {each.get("name", ""): boxes(key)[each.get("id", "")] for each in named}
    assert [name for name, box in drawn.items() if len(name) * A_LETTER > box.bottom - box.top] == []


@pytest.mark.parametrize("key", PROCESSES)
def test_what_the_service_does_by_itself_stands_in_no_person_s_lane(key: str) -> None:
    kinds = {step.get("id", ""): kind(step) for step in steps(key)}
    for lane in tree(key).iter(f"{BPMN}lane"):
        inside = {kinds[each.text or ""] for each in lane.iter(f"{BPMN}flowNodeRef")}
        assert "userTask" not in inside or not inside & BY_ITSELF, lane.get("name")


@pytest.mark.parametrize("key", PROCESSES)
def test_a_clock_on_a_task_leaves_its_picture_to_be_seen(key: str) -> None:
    drawn = boxes(key)
    pictured = {step.get("id") for step in steps(key) if kind(step).endswith("Task")}
    for step in steps(key):
        host = step.get("attachedToRef")
        if host in pictured:
            clock, task = drawn[step.get("id", "")], drawn[host]
            assert clock.left > task.left + ICON or clock.top > task.top + ICON, step.get("id")
