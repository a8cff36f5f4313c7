"""The one writing of models: the same things in one order, whoever wrote them; what says something stays."""

from __future__ import annotations

import json

import pytest

from engine.writing import in_one_writing
from tests.conformance.round_trip import lost

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
SPACES = f'xmlns:bpmn="{BPMN}" xmlns:bpmndi="{DI}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
OTHER_SPACES = f'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:bpmndi="{DI}" xmlns:bpmn="{BPMN}"'


def definitions(inside: str, spaces: str = SPACES) -> bytes:
    return f"<bpmn:definitions {spaces}>{inside}</bpmn:definitions>".encode()


def written(inside: str, file: str = "a.bpmn") -> list[str]:
    """Return the lines between the first and the last of a model, without the blanks they begin with."""
    text = in_one_writing(file, definitions(inside)).decode()
    assert in_one_writing(file, text.encode()).decode() == text
    return [line.strip() for line in text.splitlines()[2:-1]]


def test_two_writings_of_the_same_become_one() -> None:
    one = definitions(
        '<bpmn:task id="a" name="Ask" camunda:assignee="x" camunda:dueDate=\'limit("b") &lt; 1\'/><!-- why -->'
    )
    other = definitions(
        '\n\n<bpmn:task camunda:dueDate="limit(&#34;b&#34;) &#60; 1" camunda:assignee="x"\n name="Ask" id="a">\n'
        "</bpmn:task>\n<!-- why -->",
        OTHER_SPACES,
    )
    text = in_one_writing("a.bpmn", one)
    assert in_one_writing("a.bpmn", b"<?xml version='1.0' encoding='utf-8' ?>" + other) == text
    assert text.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="')
    assert text.decode().splitlines()[2:] == [
        '  <bpmn:task id="a" name="Ask" camunda:assignee="x" camunda:dueDate=\'limit("b") &lt; 1\' />',
        "  <!-- why -->",
        "</bpmn:definitions>",
    ]


@pytest.mark.parametrize(
    ("inside", "lines"),
    [
        ("<bpmn:when> two  blanks\nand a line </bpmn:when>", ["<bpmn:when> two  blanks", "and a line </bpmn:when>"]),
        ("<bpmn:when>   </bpmn:when>", ["<bpmn:when>   </bpmn:when>"]),
        ("<bpmn:when><![CDATA[a < b & c]]></bpmn:when>", ["<bpmn:when>a &lt; b &amp; c</bpmn:when>"]),
        (
            '<n:note xmlns:n="urn:n">Ask <n:b> <n:i/> </n:b> twice</n:note>',
            ['<n:note xmlns:n="urn:n">Ask <n:b> <n:i /> </n:b> twice</n:note>'],
        ),
        (
            '<bpmn:a xml:space="preserve"><bpmn:b> <bpmn:c/></bpmn:b></bpmn:a>',
            ['<bpmn:a xml:space="preserve"><bpmn:b> <bpmn:c /></bpmn:b></bpmn:a>'],
        ),
        ('<a xmlns="urn:a"><b xmlns=""/></a>', ['<a xmlns="urn:a">', '<b xmlns="" />', "</a>"]),
        ('<bpmn:a n="&quot;it\'s&quot;&#10;"/>', ['<bpmn:a n="&quot;it\'s&quot;&#10;" />']),
        ("<bpmn:rule><bpmn:text>1</bpmn:text></bpmn:rule>", ["<bpmn:rule><bpmn:text>1</bpmn:text></bpmn:rule>"]),
        ("<?php echo ?><bpmn:a/>", ["<?php echo ?>", "<bpmn:a />"]),
    ],
)
def test_what_says_something_stays(inside: str, lines: list[str]) -> None:
    assert written(inside) == lines
    assert not lost(definitions(inside), in_one_writing("a.bpmn", definitions(inside)))


def test_comments_around_a_model_stay() -> None:
    text = b"<!-- before -->" + definitions("") + b"<!-- after -->"
    lines = in_one_writing("a.bpmn", text).decode().splitlines()
    assert (lines[1], lines[-1]) == ("<!-- before -->", "<!-- after -->")


def test_shapes_stand_in_the_order_of_what_they_draw() -> None:
    order = ["pool", "lane_1", "lane_2", "ask", "late", "ask_end"]
    shapes = {
        each: f'<bpmndi:{"BPMNEdge" if each == "ask_end" else "BPMNShape"} bpmnElement="{each}"/>' for each in order
    }
    process = (
        '<bpmn:process><bpmn:lane id="lane_1"/><bpmn:lane id="lane_2"/><bpmn:boundaryEvent id="late"/>'
        '<bpmn:sequenceFlow id="ask_end"/><bpmn:task id="ask"/></bpmn:process>'
        '<bpmn:collaboration><bpmn:participant id="pool"/></bpmn:collaboration>'
    )
    drawn = "".join(shapes[each] for each in reversed(order))
    lines = written(f"{process}<bpmndi:BPMNPlane>{drawn}</bpmndi:BPMNPlane>")
    assert [line.split('"')[1] for line in lines if "bpmnElement" in line] == order


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.bpmn", b"<definitions><unfinished>"),
        ("a.bpmn", b"<!DOCTYPE definitions><definitions/>"),
        ("a.bpmn", b"<html><p/></html>"),
        ("a.form", b'{"components": ['),
        ("a.form", b'{"id": "a", "id": "b"}'),
        ("a.tests.yaml", b"decision:   a\n"),
    ],
)
def test_what_cannot_be_read_or_is_typed_by_hand_stays_as_it_is(file: str, content: bytes) -> None:
    assert in_one_writing(file, content) == content


def test_a_form_has_its_fields_in_one_order() -> None:
    form = {
        "id": "ask", "type": "default", "schemaVersion": 19,
        "components": [
            {"values": [{"value": "y", "label": "Yes – ja"}], "properties": {"b": "1", "a": "2"}, "type": "radio",
             "validate": {"max": 2.0}, "id": "one", "own": [1.5, None, {}]},
        ],
    }  # fmt: skip
    text = in_one_writing("a.form", json.dumps(form).encode())
    assert json.loads(text) == form
    assert in_one_writing("a.form", text) == text
    found = json.loads(text)
    assert list(found) == ["components", "type", "id", "schemaVersion"]
    assert list(found["components"][0]) == ["type", "id", "own", "validate", "properties", "values"]
    assert '"label": "Yes – ja"' in text.decode() and '"max": 2\n' in text.decode()
