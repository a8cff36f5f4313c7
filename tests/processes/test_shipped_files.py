"""Every shipped diagram passes the linter, is documented throughout, and is laid out to be read by a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import pytest
from lxml import etree

from engine.bpmn.lint import Catalogue, lint_process
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES
from engine.feel import Environment
from engine.forms import InvalidAnswers, read_form, validate, walk
from engine.operations import RECORD, SERVICE
from engine.options import SOURCES
from engine.queries.next_steps import next_step
from engine.writing import in_one_writing
from engine.xml import parse_untrusted
from tests.processes.walking import (
    CALLED_FIRST,
    LONDON,
    MORNING,
    OPTIONS,
    shipped_form,
    shipped_process,
    shipped_rules,
)

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
PROCESSES = sorted(CALLED_FIRST)
FORM_FILES = [each.name for each in files("processes").joinpath("forms").iterdir()]
FORMS = sorted(name.removesuffix(".form") for name in FORM_FILES if name.endswith(".form"))
MODELS = sorted(
    f"{folder}/{'/'.join((*inside, each.name))}"
    for folder, inside in (("processes", ()), ("processes", ("forms",)), ("rules", ()))
    for each in files(folder).joinpath(*inside).iterdir() if each.name.endswith((".bpmn", ".dmn", ".form"))
)  # fmt: skip
RULES = ("caf_needed", "escalation", "review_interval", "timescales")
LEFT_TO_RIGHT = 40
"""Pixels a flow may end left of where it begins before it counts as going back."""

MORNING_THERE = Environment(now=MORNING, zone=LONDON)

Point = tuple[float, float]
Segment = tuple[Point, Point]


@dataclass(frozen=True)
class Box:
    element: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, segment: Segment) -> bool:
        """Tell whether a level or upright line passes through the inside of the box."""
        (x1, y1), (x2, y2) = sorted(segment)
        low, high = sorted((y1, y2))
        return x1 < self.right - 1 and x2 > self.left + 1 and low < self.bottom - 1 and high > self.top + 1


@cache
def tree(key: str) -> etree._Element:
    return parse_untrusted(files("processes").joinpath(f"{key}.bpmn").read_bytes(), f"{key}.bpmn")


def steps(key: str) -> Iterator[etree._Element]:
    """Yield the events, tasks and gateways of a diagram."""
    process = next(tree(key).iter(f"{BPMN}process"))
    for element in process.iterchildren(f"{BPMN}*"):
        if etree.QName(element).localname not in ("documentation", "extensionElements", "laneSet", "sequenceFlow"):
            yield element


def boxes(key: str) -> dict[str, Box]:
    found = {}
    for shape in tree(key).iter(f"{DI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        assert bounds is not None
        x, y, width, height = (float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement", "")] = Box(shape.get("bpmnElement", ""), x, y, x + width, y + height)
    return found


def lines(key: str) -> dict[str, list[Segment]]:
    found = {}
    for edge in tree(key).iter(f"{DI}BPMNEdge"):
        points = [(float(point.get("x", "nan")), float(point.get("y", "nan"))) for point in edge.iter(WAYPOINT)]
        found[edge.get("bpmnElement", "")] = list(pairwise(points))
    return found


def flows(key: str) -> dict[str, etree._Element]:
    return {flow.get("id", ""): flow for flow in tree(key).iter(f"{BPMN}sequenceFlow")}


@pytest.mark.parametrize("key", PROCESSES)
def test_the_linter_finds_nothing(key: str) -> None:
    catalogue = Catalogue(
        forms=frozenset(FORMS), decisions=frozenset(RULES), operations=frozenset(SERVICE), records=frozenset(RECORD),
        processes=frozenset(PROCESSES), groups=frozenset(GROUP_ROLES), functions=HOST_FUNCTIONS,
    )  # fmt: skip
    assert [str(found) for found in lint_process(tree(key), name=f"{key}.bpmn", catalogue=catalogue)] == []


@pytest.mark.parametrize("file", MODELS)
def test_it_is_in_the_one_writing(file: str) -> None:
    """A change in the studio is then a change of a line or two. Opened and saved there, a file is in this writing."""
    folder, _, name = file.partition("/")
    content = files(folder).joinpath(*name.split("/")).read_bytes()
    assert in_one_writing(name, content).decode().splitlines() == content.decode().splitlines()


@pytest.mark.parametrize("key", PROCESSES)
def test_everything_says_what_it_is_for(key: str) -> None:
    named_flows = [flow for flow in flows(key).values() if flow.get("name")]
    described = [*tree(key).iter(f"{BPMN}process"), *tree(key).iter(f"{BPMN}lane"), *steps(key), *named_flows]
    silent = [each.get("id") for each in described if not (each.findtext(f"{BPMN}documentation") or "").strip()]
    assert silent == []


@pytest.mark.parametrize("key", PROCESSES)
def test_ids_are_words(key: str) -> None:
    assert [each.get("id") for each in steps(key) if not re.fullmatch(r"[a-z]+(_[a-z]+)*", each.get("id", ""))] == []


@pytest.mark.parametrize("key", PROCESSES)
def test_every_step_is_drawn_inside_its_lane(key: str) -> None:
    drawn = boxes(key)
    for lane in tree(key).iter(f"{BPMN}lane"):
        outer = drawn[lane.get("id", "")]
        for step in lane.iter(f"{BPMN}flowNodeRef"):
            inner = drawn[step.text or ""]
            assert outer.left < inner.left < inner.right < outer.right, step.text
            assert outer.top < inner.top < inner.bottom < outer.bottom, step.text
    in_lanes = {step.text for step in tree(key).iter(f"{BPMN}flowNodeRef")}
    assert in_lanes == {step.get("id") for step in steps(key)}


@pytest.mark.parametrize("key", PROCESSES)
def test_no_shape_lies_on_another(key: str) -> None:
    on_edges = {step.get("id") for step in steps(key) if step.get("attachedToRef")}
    drawn = [boxes(key)[step.get("id", "")] for step in steps(key) if step.get("id") not in on_edges]
    overlaps = [
        (one.element, other.element)
        for number, one in enumerate(drawn)
        for other in drawn[number + 1 :]
        if one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom
    ]
    assert overlaps == []


@pytest.mark.parametrize("key", PROCESSES)
def test_flows_are_drawn_and_join_what_they_join(key: str) -> None:
    assert lines(key).keys() == flows(key).keys()
    drawn = boxes(key)
    for name, flow in flows(key).items():
        path = lines(key)[name]
        for point, end in ((path[0][0], flow.get("sourceRef", "")), (path[-1][1], flow.get("targetRef", ""))):
            box = drawn[end]
            assert box.left - 1 <= point[0] <= box.right + 1, name
            assert box.top - 1 <= point[1] <= box.bottom + 1, name


@pytest.mark.parametrize("key", PROCESSES)
def test_flows_pass_through_no_other_step(key: str) -> None:
    drawn = boxes(key)
    hosts = {step.get("id"): step.get("attachedToRef") for step in steps(key)}
    for name, flow in flows(key).items():
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        own = {source, target, hosts.get(source)}
        others = [drawn[step.get("id", "")] for step in steps(key) if step.get("id") not in own]
        hit = [box.element for box in others for segment in lines(key)[name] if box.touches(segment)]
        assert hit == [], name


@pytest.mark.parametrize("key", PROCESSES)
def test_no_two_flows_cross(key: str) -> None:
    drawn = sorted(lines(key).items())
    crossings = [
        (one, other)
        for number, (one, path) in enumerate(drawn)
        for other, rest in drawn[number + 1 :]
        for segment in path
        for against in rest
        if _cross(segment, against)
    ]
    assert crossings == []


def _cross(one: Segment, other: Segment) -> bool:
    """Tell whether a level and an upright line meet in the inside of both."""
    level, upright = (one, other) if one[0][1] == one[1][1] else (other, one)
    if level[0][1] != level[1][1] or upright[0][0] != upright[1][0]:
        return False
    (left, y), (right, _) = sorted(level)
    x = upright[0][0]
    top, bottom = sorted((upright[0][1], upright[1][1]))
    return left < x < right and top < y < bottom


@pytest.mark.parametrize("key", PROCESSES)
def test_it_reads_from_left_to_right(key: str) -> None:
    """Only flows that go round again may end left of where they begin."""
    back = [
        name for name, path in lines(key).items() if path[-1][1][0] < path[0][0][0] - LEFT_TO_RIGHT
    ]
    loops = {
        "stalled_plan": 4, "mag_referral": 2, "safeguarding_concern": 1, "handover": 2, "transfer": 1,
        "family_not_found": 2, "tac_meeting": 2, "identify": 1, "choose_lead": 2, "closing": 4, "review": 3,
        "lead_away": 1, "agree_to_support": 1, "deliver_plan": 4, "tac_for_cds": 2, "reassess": 1,
        "consult_social_care": 1,
    }  # fmt: skip
    assert len(back) <= loops.get(key, 0), back


@pytest.mark.parametrize("key", PROCESSES)
def test_every_person_s_task_has_its_form_and_its_record(key: str) -> None:
    for element in shipped_process(key).elements.values():
        if element.kind == "userTask":
            assert element.form in FORMS, element.id
            assert element.operation in RECORD, element.id
            assert element.due_date, element.id


@pytest.mark.parametrize("key", FORMS)
def test_forms_are_read_and_ask_only_for_choices_there_are(key: str) -> None:
    form = read_form(files("processes").joinpath("forms", f"{key}.form").read_bytes(), name=key)
    assert form.key == key
    assert form.sources <= SOURCES


@pytest.mark.parametrize("key", FORMS)
def test_every_part_of_a_form_has_an_id_of_its_own(key: str) -> None:
    """Its editor opens no other."""
    text = files("processes").joinpath("forms", f"{key}.form").read_text(encoding="utf-8")
    ids = re.findall(r'"id": "([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", FORMS)
def test_an_empty_form_is_refused_in_plain_sentences(key: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        validate(shipped_form(key), {}, environment=Environment(), options=OPTIONS)
    assert all(re.match(r"(Enter|Select|Add) ", sentence) for sentence in refused.value.errors.values())


@pytest.mark.parametrize("key", FORMS)
def test_every_date_has_an_earliest_and_a_latest_day(key: str) -> None:
    endless = [
        each.key
        for each in walk(shipped_form(key).fields)
        if each.kind in ("date", "datetime") and not (each.rules.minimum and each.rules.maximum)
    ]
    assert endless == []


@pytest.mark.parametrize(
    ("form", "question", "typed", "allowed"),
    [
        ("complete_assessment", "completed_on", "1999-03-02", "between 2 September 2025 and today"),
        ("hold_tac_meeting", "held_on", "2026-03-03", "between 2 September 2025 and today"),
        ("arrange_tac_meeting", "planned_on", "1902-03-02", "between today and 2 September 2026"),
        ("appoint_lead_professional", "planned_end_on", "2126-03-02", "between today and 2 March 2029"),
    ],
)
def test_senseless_days_are_refused(form: str, question: str, typed: str, allowed: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        validate(shipped_form(form), {question: typed}, environment=MORNING_THERE, options=OPTIONS)
    assert refused.value.errors[question].endswith(f" must be {allowed}")


def test_an_action_cannot_be_due_in_the_past() -> None:
    rows = [{"outcome": "Sleeps", "action": "Visit", "owner": "nadia", "due_on": "2026-03-01"}]
    with pytest.raises(InvalidAnswers) as refused:
        validate(shipped_form("agree_action_plan"), {"actions": rows}, environment=MORNING_THERE, options=OPTIONS)
    said = "The date the action is due must be between today and 2 March 2028"
    assert refused.value.errors == {"actions[0].due_on": said}


def test_every_form_is_used() -> None:
    used = {element.form for key in PROCESSES for element in shipped_process(key).elements.values()}
    assert used - {None} == set(FORMS)


@pytest.mark.parametrize("key", RULES)
def test_rules_are_drawn_so_that_a_designer_can_open_them(key: str) -> None:
    model = shipped_rules(key)
    source = parse_untrusted(files("rules").joinpath(f"{key}.dmn").read_bytes(), key)
    shapes = [shape.get("dmnElementRef") for shape in source.iter("{https://www.omg.org/spec/DMN/20191111/DMNDI/}DMNShape")]
    assert shapes == list(model.decisions)


@pytest.mark.parametrize("key", PROCESSES)
def test_what_is_said_to_happen_next_is_named_as_the_reader_will_see_it(key: str) -> None:
    definition = shipped_process(key)
    every = [each for elements in definition.family.values() for each in elements.values()]
    seen = {each.name for each in every if each.kind in ("userTask", "manualTask", "task", "endEvent")}
    for each in definition.elements.values():
        if each.kind in ("userTask", "startEvent"):
            said = next_step(definition, each.id, called=shipped_process)
            assert set(re.findall("“(.*?)”", said)) <= seen, f"{each.name}: {said}"
