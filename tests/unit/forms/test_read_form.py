"""Reading form files: what is understood, and what each refusal says."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.forms import FILES_OF_TASK, read_form, walk
from engine.forms.reading import MAX_BYTES, MAX_COMPONENTS


def read(document: Any) -> Any:
    return read_form(json.dumps(document).encode(), name="sample.form")


def form_of(*components: Any, **more: Any) -> Any:
    return read({"type": "default", "id": "sample", "schemaVersion": 19, "components": list(components), **more})


def field_of(**component: Any) -> Any:
    return form_of({"type": "textfield", "key": "answer", "label": "Answer", **component}).fields[0]


def test_a_form_has_key_title_hash_and_keys() -> None:
    form = form_of(
        {"type": "textfield", "key": "venue", "label": "Venue", "properties": {"binds": "meeting.venue"}},
        {"type": "group", "label": "Where", "components": [{"type": "number", "key": "floor", "label": "Floor"}]},
        {"type": "group", "path": "who", "components": [
            {"type": "select", "key": "lead", "label": "Lead", "properties": {"options": "practitioners"}}]},
        {"type": "dynamiclist", "path": "actions", "components": [
            {"type": "textfield", "key": "action", "label": "Action", "properties": {"binds": "action.what"}}]},
    )
    assert (form.key, form.title, len(form.hash)) == ("sample", "Sample", 64)
    assert form.keys == ("venue", "floor", "who", "actions")
    assert form.sources == {"practitioners"}
    assert form.bindings == {"meeting.venue": "venue", "action.what": "actions[].action"}


def test_the_title_can_be_given() -> None:
    assert form_of(properties={"title": "Agree the plan"}).title == "Agree the plan"
    assert read({"id": "agree_action-plan", "components": []}).title == "Agree action plan"


def test_names_used_are_those_of_every_expression() -> None:
    form = form_of(
        {"type": "textfield", "key": "why", "label": "Why", "conditional": {"hide": "=consent = \"given\""}},
        {"type": "number", "key": "weeks", "label": "Weeks", "validate": {"max": "=most_weeks"}},
        {"type": "text", "text": "Hello {{child}}"},
        {"type": "expression", "key": "total", "expression": "=weeks * pace"},
    )
    assert {"consent", "most_weeks", "child", "weeks", "pace"} <= form.names_used


@pytest.mark.parametrize("kind", ["textfield", "textarea", "number", "checkbox", "datetime"])
def test_every_plain_input_is_read(kind: str) -> None:
    assert field_of(type=kind).kind == ("date" if kind == "datetime" else kind)


@pytest.mark.parametrize("kind", ["checklist", "radio", "select", "taglist"])
def test_every_choice_is_read(kind: str) -> None:
    field = field_of(type=kind, values=[{"label": "Yes", "value": "yes"}, {"label": "Two", "value": 2}])
    assert [(each.value, each.label) for each in field.options] == [("yes", "Yes"), ("2", "Two")]


def test_properties_carry_name_messages_and_attributes() -> None:
    field = field_of(
        description="As on the letter", validate={"required": True, "maxLength": "40"},
        properties={"name": "the venue", "error_required": "Say where", "autocomplete": "off", "width": "10"},
        appearance={"prefixAdorner": "£"},
    )
    assert (field.description, field.name, field.required, field.rules.max_length) == (
        "As on the letter", "the venue", True, 40)
    assert field.messages == {"required": "Say where"}
    assert field.attributes == {"autocomplete": "off", "width": "10", "prefix": "£"}


def test_a_file_field_is_a_choice_of_the_files_kept_with_the_task() -> None:
    (field,) = form_of({"type": "filepicker", "key": "letter", "label": "The letter"}).fields
    assert (field.kind, field.source, field.attributes["upload"]) == ("checklist", FILES_OF_TASK, "files")


def test_submit_buttons_are_left_out() -> None:
    assert form_of({"type": "button", "label": "Send", "action": "submit"}).fields == ()


@pytest.mark.parametrize(("component", "words"), [
    ({"type": "html", "content": "<b>"}, "“html” are not supported; use a text component"),
    ({"type": "iframe"}, "use a text component with a link"),
    ({"type": "documentPreview"}, "use a text component with a link"),
    ({"type": "hologram"}, "use one of the form editor's own fields"),
    ({"type": ["textfield"]}, "not supported"),
    ({"type": None}, "not supported"),
    ({"type": "button", "action": "reset"}, "reset button would lose what was typed"),
    ({"key": "two words"}, "its key must begin with a letter"),
    ({"key": "a.b"}, "put them in a group with a path"),
    ({"key": "_hidden"}, "its key must begin with a letter"),
    ({"key": None}, "its key must begin with a letter"),
    ({"key": "csrf_token"}, "this key is the page's own"),
    ({"label": ""}, "it has no label"),
    ({"label": "=name"}, "must be plain words"),
    ({"label": "x" * 6000}, "must be text of 5000 characters or fewer"),
    ({"conditional": {"hide": "= 1 +"}}, "the condition that hides it is not FEEL"),
    ({"conditional": "yes"}, "must hold a “hide” expression"),
    ({"readonly": "=locked"}, "“readonly” must be true or false"),
    ({"validate": {"required": "=x"}}, "“required” must be true or false"),
    ({"validate": {"maxLength": "many"}}, "“maxLength” must be a whole number"),
    ({"validate": {"minLength": 5, "maxLength": 4}}, "minLength is greater than its maxLength"),
    ({"validate": {"pattern": "(a+)+$"}}, "its pattern cannot be used"),
    ({"validate": {"pattern": "("}}, "it is not a regular expression"),
    ({"validate": {"validationType": "iban"}}, "is not email, phone or custom"),
    ({"validate": ["required"]}, "“validate” must be a set of rules"),
    ({"properties": {"width": "17"}}, "the property “width” must be"),
    ({"properties": {"x": {}}}, "“properties” must be names and texts"),
    ({"type": "textarea", "properties": {"rows": "0"}}, "“rows” must be from 1 to 99"),
    ({"type": "number", "validate": {"min": 5, "max": 4}}, "minimum is greater than its maximum"),
    ({"type": "number", "increment": 0}, "increment must be a number above 0"),
    ({"type": "number", "decimalDigits": -1}, "“decimalDigits” must be a whole number"),
    ({"type": "number", "validate": {"min": [1]}}, "its minimum must be a FEEL expression"),
    ({"type": "datetime", "subtype": "week"}, "must be date, time or datetime"),
    ({"type": "datetime", "properties": {"min": "today( -"}}, "its earliest day is not FEEL"),
    ({"type": "datetime", "properties": {"max": "tomorrow()"}}, "its latest day calls a function that does not exist"),
    ({"type": "datetime", "properties": {"min": "\"last week\""}}, "its earliest day gives no date"),
    ({"type": "datetime", "properties": {"min": "today()", "max": "today() - duration(\"P1D\")"}},
     "its earliest day is after its latest day"),
    ({"type": "datetime", "properties": {"show_limits": "yes"}}, "“show_limits” must be true or false"),
    ({"type": "textarea", "properties": {"suggest": "outcomes"}}, "only a text field can suggest answers"),
    ({"type": "radio"}, "it needs 1 to 500 choices"),
    ({"type": "radio", "values": [{"label": "A"}]}, "needs a label and a value"),
    ({"type": "radio", "values": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]}, "the same value"),
    ({"type": "radio", "values": [{"value": "a"}], "defaultValue": "b"}, "not one of its choices"),
    ({"type": "checkbox", "defaultValue": "yes"}, "default value does not fit"),
    ({"type": "expression", "expression": ""}, "must be a FEEL expression"),
    ({"type": "dynamiclist", "path": "", "components": []}, "its path must begin with a letter"),
    ({"type": "dynamiclist", "path": "rows", "components": []}, "it holds no components"),
    ({"type": "group", "components": None}, "it holds no components"),
])
def test_refusals_name_the_component_and_what_to_do(component: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        field_of(**component)
    assert words in refused.value.message
    assert refused.value.message.startswith("sample.form:")
    assert refused.value.details["file"] == "sample.form"


def test_the_message_names_the_key() -> None:
    with pytest.raises(Invalid, match=r"^sample\.form:answer: it has no label"):
        field_of(label="")


@pytest.mark.parametrize(("source", "words"), [
    (b"", "this is not a form file"),
    (b"{", "this is not a form file"),
    (b"\xff\xfe\x00", "not UTF-8"),
    (b"[" * 100_000, "this is not a form file"),
    (b"[]", "not a form-js form"),
    (b'{"type": "page", "id": "x", "components": []}', "not a form-js form"),
    (b'{"components": []}', "give the form an id"),
    (b'{"id": "a b", "components": []}', "give the form an id"),
    (b'{"id": "x"}', "no list of components"),
    (b'{"id": "x", "schemaVersion": 20, "components": []}', "schema version 20 is not known"),
    (b'{"id": "x", "schemaVersion": "19", "components": []}', "is not known"),
    (b'{"id": "x", "components": ["text"]}', "component 1 is not a form component"),
    (b" " * (MAX_BYTES + 1), "larger than 500 kB"),
])
def test_files_that_are_no_forms_are_refused(source: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=r"^bad\.form") as refused:
        read_form(source, name="bad.form")
    assert words in refused.value.message


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert read_form(b"\xef\xbb\xbf" + b'{"id": "x", "components": []}', name="bom.form").key == "x"


def test_too_many_components_and_too_deep_ones_are_refused() -> None:
    with pytest.raises(Invalid, match="more than 400 components"):
        form_of(*[{"type": "separator"}] * (MAX_COMPONENTS + 1))
    deep: dict[str, Any] = {"type": "separator"}
    for _ in range(6):
        deep = {"type": "group", "components": [deep]}
    with pytest.raises(Invalid, match="nested more than 6 deep"):
        form_of(deep)


def test_two_fields_cannot_share_a_key_even_through_groups_without_a_path() -> None:
    field = {"type": "textfield", "key": "note", "label": "Note"}
    with pytest.raises(Invalid, match="two components have the key “note”"):
        form_of(field, {"type": "group", "components": [field]})
    assert len(list(walk(form_of(field, {"type": "group", "path": "inner", "components": [field]}).fields))) == 3


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_PARTS = st.sampled_from([
    "type", "id", "key", "path", "label", "description", "validate", "properties", "conditional", "values",
    "valuesKey", "valuesExpression", "defaultValue", "components", "readonly", "disabled", "subtype", "increment",
    "decimalDigits", "appearance", "text", "expression", "defaultRepetitions", "dateLabel", "allowAddRemove",
])
_RULES = st.dictionaries(
    st.sampled_from(["required", "min", "max", "minLength", "maxLength", "pattern", "validationType"]), _JSON,
    max_size=3,
)
_KINDS = st.sampled_from([
    "textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "taglist", "datetime", "text",
    "group", "dynamiclist", "expression",
])


@given(kind=_KINDS, junk=st.dictionaries(_PARTS, _JSON, max_size=3), rules=_RULES)
def test_junk_in_any_part_is_a_form_or_a_refusal(kind: str, junk: dict[str, Any], rules: dict[str, Any]) -> None:
    component = {"type": kind, "key": "answer", "path": "answer", "label": "Answer", "validate": rules, **junk}
    with contextlib.suppress(Invalid):
        form_of(component)
