"""The JSON Schema of a form: what it says of each kind of question, and that answers the form takes fit it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.forms import Form, Option, read_form
from engine.forms.json_schema import json_schema
from tests.worlds import shipped_models

SHIPPED = [read_form(source, name=file) for file, source in shipped_models().items() if file.endswith(".form")]


def form(*components: dict[str, Any]) -> Form:
    document = {"id": "visit", "type": "default", "schemaVersion": 19, "components": list(components)}
    return read_form(json.dumps(document).encode(), name="visit.form")


def told(component: dict[str, Any], **options: list[Option]) -> dict[str, Any]:
    schema = json_schema(form({"key": "q", "label": "Question", **component}), options=options)
    found: dict[str, Any] = schema["properties"]["q"]
    return {name: value for name, value in found.items() if name != "title"}


COLOURS = [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}]
ONE_OF = [{"const": "red", "title": "Red"}, {"const": "blue", "title": "Blue"}]
MUST = {"validate": {"required": True}}


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ({"type": "textfield"}, {"type": ["string", "null"], "maxLength": 1000}),
        ({"type": "textarea", "validate": {"required": True, "maxLength": 9}},
         {"type": "string", "maxLength": 9, "minLength": 1}),
        ({"type": "number", "decimalDigits": 0, "validate": {"required": True, "min": 1, "max": 5}},
         {"type": "integer", "minimum": 1, "maximum": 5}),
        ({"type": "checkbox"}, {"type": ["boolean", "null"]}),
        ({"type": "checkbox", **MUST}, {"type": "boolean", "const": True}),
        ({"type": "radio", "values": COLOURS, **MUST}, {"oneOf": ONE_OF}),
        ({"type": "select", "values": COLOURS}, {"oneOf": [*ONE_OF, {"type": "null"}]}),
        ({"type": "checklist", "values": COLOURS},
         {"type": ["array", "null"], "items": {"oneOf": ONE_OF}, "uniqueItems": True}),
        ({"type": "datetime", "subtype": "date", **MUST}, {"type": "string", "format": "date"}),
    ],
)  # fmt: skip
def test_what_is_said_of_each_kind(component: dict[str, Any], expected: dict[str, Any]) -> None:
    found = told(component)
    assert {name: found.get(name) for name in expected} == expected


def test_choices_of_the_record_are_those_given() -> None:
    component = {"type": "select", "properties": {"options": "practitioners"}, **MUST}
    assert told(component) == {"type": "string", "x-source": "practitioners"}
    given = told(component, practitioners=[Option("7", "Ruth Adeyemi")])
    assert given == {"x-source": "practitioners", "oneOf": [{"const": "7", "title": "Ruth Adeyemi"}]}


def test_a_question_with_a_condition_is_never_required_but_says_when_it_is_hidden() -> None:
    asked = form(
        {"type": "checkbox", "key": "moved", "label": "Moved"},
        {"type": "textfield", "key": "where", "label": "Where", **MUST, "conditional": {"hide": "=moved = false"}},
    )
    schema = json_schema(asked)
    assert schema["required"] == []
    assert schema["properties"]["where"]["x-hidden-when"] == "moved = false"


def test_rows_that_must_be_there_are_required_and_so_is_a_group_that_holds_some() -> None:
    must = {"type": "textfield", "key": "what", "label": "What", **MUST}
    rows = {"type": "dynamiclist", "label": "Rows", "components": [must]}
    asked = form(
        {**rows, "path": "actions", "properties": {"min_rows": "2"}},
        {**rows, "path": "extras"},
        {"type": "group", "path": "who", "label": "Who", "components": [must]},
        {"type": "group", "path": "aside", "label": "Aside", "components": [{**must, "validate": {}}]},
        {"type": "group", "path": "hidden", "label": "H", "components": [must], "conditional": {"hide": "=1 = 2"}},
    )
    schema = json_schema(asked)
    assert schema["required"] == ["actions", "who"]
    assert schema["properties"]["actions"]["minItems"] == 2


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda shipped: shipped.key)
def test_every_shipped_form_is_described_whole_and_as_plain_json(shipped: Form) -> None:
    schema = json.loads(json.dumps(json_schema(shipped)))
    assert tuple(schema["properties"]) == shipped.keys
    assert set(schema["required"]) <= set(shipped.keys)
    assert schema["additionalProperties"] is False
    assert schema["$id"].endswith(shipped.hash)
