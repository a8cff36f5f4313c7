"""Judging answers: every type of question, the sentence for each fault, and hostile input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.feel import Environment
from engine.forms import Form, InvalidAnswers, Option, read_form, validate

LONDON = ZoneInfo("Europe/London")
CHOICES = [{"label": "Given", "value": "given"}, {"label": "Refused", "value": "refused"}]


def question(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": "answer", "label": "Answer", **more}


REQUIRED = {"validate": {"required": True}}


@pytest.mark.parametrize(("component", "given", "clean"), [
    (question("textfield"), "  Meadow hall\r\n", "Meadow hall"),
    (question("textfield"), "two\nlines", "two lines"),
    (question("textfield"), "", None),
    (question("textfield"), None, None),
    (question("textarea"), "one\r\ntwo\rthree", "one\ntwo\nthree"),
    (question("textfield", validate={"validationType": "email"}), "sam@example.org", "sam@example.org"),
    (question("textfield", validate={"validationType": "phone"}), "+44 (0)1632 960-001", "+44 (0)1632 960-001"),
    (question("textfield", validate={"pattern": r"^\d{3}$"}), "123", "123"),
    (question("number"), "12", 12),
    (question("number"), " 1,234.50 ", Decimal("1234.50")),
    (question("number"), 2.5, Decimal("2.5")),
    (question("number"), "-0", 0),
    (question("number"), Decimal("1E+3"), 1000),
    (question("number"), "", None),
    (question("checkbox"), True, True),
    (question("checkbox"), False, False),
    (question("checkbox"), None, False),
    (question("radio", values=CHOICES), "given", "given"),
    (question("select", values=CHOICES), "", None),
    (question("checklist", values=CHOICES), ["refused", "given", "refused"], ["given", "refused"]),
    (question("taglist", values=CHOICES), None, []),
    (question("datetime"), "2026-06-04", date(2026, 6, 4)),
    (question("datetime"), date(2026, 6, 4), date(2026, 6, 4)),
    (question("datetime"), {"day": "4", "month": "6", "year": "2026"}, date(2026, 6, 4)),
    (question("datetime"), {"day": " 29 ", "month": "Feb", "year": "2028"}, date(2028, 2, 29)),
    (question("datetime"), {"day": 4, "month": "september", "year": 2026}, date(2026, 9, 4)),
    (question("datetime"), {"day": "", "month": "", "year": " "}, None),
    (question("datetime", subtype="time"), "14:30", time(14, 30)),
    (question("datetime", subtype="time"), "2.30 pm", time(14, 30)),
    (question("datetime", subtype="time"), "12am", time(0)),
    (question("datetime", subtype="time"), "midday", time(12)),
    (question("datetime", subtype="datetime"), {"day": "4", "month": "6", "year": "2026", "time": "9am"},
     datetime(2026, 6, 4, 8, 0, tzinfo=UTC)),
    (question("datetime", subtype="datetime"), "2026-12-04T09:00", datetime(2026, 12, 4, 9, 0, tzinfo=UTC)),
    (question("datetime", subtype="datetime"), "2026-06-04T09:00:00Z", datetime(2026, 6, 4, 9, 0, tzinfo=UTC)),
])
def test_each_type_is_read(make_form: Any, judge: Any, component: dict[str, Any], given: Any, clean: Any) -> None:
    found = judge(make_form(component), {"answer": given})
    assert found == {"answer": clean}
    assert type(found["answer"]) is type(clean)


@pytest.mark.parametrize(("component", "given", "sentence"), [
    (question("textfield", **REQUIRED), " ", "Enter answer"),
    (question("textfield", label="Where will the TAC meet?", **REQUIRED), "",
     "Enter an answer to “Where will the TAC meet?”"),
    (question("textfield", label="TAC venue", **REQUIRED), "", "Enter TAC venue"),
    (question("textfield", properties={"name": "the venue"}, **REQUIRED), "", "Enter the venue"),
    (question("textfield", properties={"error_required": "Say where you will meet"}, **REQUIRED), "",
     "Say where you will meet"),
    (question("textfield", validate={"maxLength": 3}), "four", "Answer must be 3 characters or fewer"),
    (question("textfield", validate={"minLength": 3}), "no", "Answer must be 3 characters or more"),
    (question("textfield"), "x" * 50_000, "Answer must be 1,000 characters or fewer"),
    (question("textarea"), "x" * 50_001, "Answer must be 50,000 characters or fewer"),
    (question("textfield", validate={"maxLength": 3}, properties={"error_max_length": "Too long"}), "four", "Too long"),
    (question("textfield", validate={"pattern": "^a$"}), "b", "Enter answer in the correct format"),
    (question("textfield", validate={"pattern": "^a$"}, properties={"error_pattern": "Only a"}), "b", "Only a"),
    (question("textfield", validate={"validationType": "email"}), "sam at example",
     "Enter an email address in the correct format, like name@example.com"),
    (question("textfield", validate={"validationType": "phone"}), "12",
     "Enter a phone number, like 01632 960 001 or +44 808 157 0192"),
    (question("textfield"), "nul\x00", "Answer must not include characters that cannot be shown"),
    (question("textarea"), "half \ud800", "Answer must not include characters that cannot be shown"),
    (question("textfield"), 12, "Answer must be text"),
    (question("textfield"), ["a"], "Answer must be text"),
    (question("number", **REQUIRED), "", "Enter answer"),
    (question("number"), "twelve", "Answer must be a number, like 15"),
    (question("number"), "1,23", "Answer must be a number, like 15"),
    (question("number"), "1e9", "Answer must be a number, like 15"),
    (question("number"), "9" * 31, "Answer must be a number, like 15"),
    pytest.param(question("number"), 10**5000, "Answer must be a number, like 15", id="huge"),
    (question("number"), Decimal("1E+999999"), "Answer must be a number, like 15"),
    (question("number"), float("nan"), "Answer must be a number, like 15"),
    (question("number"), float("inf"), "Answer must be a number, like 15"),
    (question("number"), True, "Answer must be a number, like 15"),
    (question("number", decimalDigits=0), "1.5", "Answer must be a whole number, like 15"),
    (question("number", decimalDigits=2), "1.555", "Answer must have 2 decimal places or fewer"),
    (question("number", validate={"min": 1}), "0", "Answer must be 1 or more"),
    (question("number", validate={"max": "=10 + 2"}), "13", "Answer must be 12 or less"),
    (question("number", increment=5), "12", "Answer must be in steps of 5"),
    (question("checkbox", label="I agree", **REQUIRED), False, "Select “I agree” to continue"),
    (question("checkbox"), "yes", "Answer must be yes or no"),
    (question("radio", values=CHOICES, **REQUIRED), None, "Select answer"),
    (question("radio", values=CHOICES), "maybe", "Select answer from the list"),
    (question("select", values=CHOICES), ["given"], "Select answer from the list"),
    (question("checklist", values=CHOICES, **REQUIRED), [], "Select at least one option for answer"),
    (question("checklist", values=CHOICES), ["given", "maybe"], "Select answer from the list"),
    (question("checklist", values=CHOICES), [{}], "Select answer from the list"),
    (question("checklist", values=CHOICES), "given", "Answer must be a list"),
    (question("datetime", **REQUIRED), {"day": "", "month": "", "year": ""}, "Enter answer"),
    (question("datetime"), {"day": "31", "month": "2", "year": "2026"}, "Answer must be a real date"),
    (question("datetime"), {"day": "4", "month": "June", "year": ""}, "Answer must include a year"),
    (question("datetime"), {"day": "", "month": "", "year": "2026"}, "Answer must include a day and month"),
    (question("datetime"), {"day": "4", "month": "6", "year": "26"},
     "Answer must have a year with 4 numbers, like 2026"),
    (question("datetime"), {"day": "4", "month": "6", "year": "0026"}, "Answer must be a real date"),
    (question("datetime"), {"day": [1], "month": "6", "year": "2026"}, "Answer must be a real date"),
    (question("datetime"), "04/06/2026", "Answer must be a real date"),
    (question("datetime"), "2026-02-30", "Answer must be a real date"),
    (question("datetime"), "٢٠٢٦-٠٦-٠٤", "Answer must be a real date"),
    (question("datetime"), 20260604, "Answer must be a real date"),
    (question("datetime", properties={"max": "today()"}), "2026-06-05", "Answer must be today or in the past"),
    (question("datetime", disallowPassedDates=True), "2026-06-03", "Answer must be today or in the future"),
    (question("datetime", properties={"min": "date(\"2026-07-01\")"}), "2026-06-30",
     "Answer must be on or after 1 July 2026"),
    (question("datetime", properties={"max": "=date(\"2026-07-01\")"}), "2026-07-02",
     "Answer must be on or before 1 July 2026"),
    (question("datetime", properties={"min": "today() - duration(\"P6M\")", "max": "today()"}), "1999-01-01",
     "Answer must be between 4 December 2025 and today"),
    (question("datetime", properties={"min": "today() - duration(\"P6M\")", "max": "today()"}), "2026-06-05",
     "Answer must be between 4 December 2025 and today"),
    (question("datetime", properties={"min": "today()", "max": "today() + duration(\"P2Y\")"}), "2028-06-05",
     "Answer must be between today and 4 June 2028"),
    (question("datetime", properties={"min": "today()", "max": "today() + duration(\"P6M\")"}), "1890-06-05",
     "Answer must be between today and 4 December 2026"),
    (question("datetime", properties={"max": "today()", "error_max": "It cannot have met yet"}), "2026-06-05",
     "It cannot have met yet"),
    (question("datetime", subtype="time"), "25:00", "Answer must be a time, like 2:30pm or 14:30"),
    (question("datetime", subtype="time"), "14pm", "Answer must be a time, like 2:30pm or 14:30"),
    (question("datetime", subtype="time"), "9", "Answer must be a time, like 2:30pm or 14:30"),
    (question("datetime", subtype="datetime"), {"day": "4", "month": "6", "year": "2026", "time": ""},
     "Answer must include a time"),
    (question("datetime", subtype="datetime"), {"day": "29", "month": "3", "year": "2026", "time": "1:30am"},
     "Answer must be a real time: the clocks go forward over it"),
    (question("datetime", subtype="datetime"), "9999-99-99T99:99", "Answer must be a real date"),
])
def test_each_fault_has_its_sentence(
    make_form: Any, judge: Any, component: dict[str, Any], given: Any, sentence: str
) -> None:
    assert judge(make_form(component), {"answer": given}) == {"answer": sentence}


@pytest.mark.parametrize(("given", "accepted"), [("1", True), ("0.5", False), ("10", True), ("10.5", False)])
def test_limits_include_their_ends(make_form: Any, judge: Any, given: str, accepted: bool) -> None:
    form = make_form(question("number", validate={"min": 1, "max": 10}))
    assert ("must be" not in str(judge(form, {"answer": given})["answer"])) is accepted


def test_limits_can_follow_other_answers(make_form: Any, judge: Any) -> None:
    form = make_form(
        {"type": "datetime", "key": "held_on", "label": "Held on"},
        {"type": "datetime", "key": "next_on", "label": "Next meeting", "properties": {"min": "held_on"}},
    )
    wrong = judge(form, {"held_on": "2026-06-04", "next_on": "2026-06-03"})
    assert wrong == {"next_on": "Next meeting must be today or in the future"}
    assert judge(form, {"held_on": "2026-06-03", "next_on": "2026-06-03"})["next_on"] == date(2026, 6, 3)


def test_errors_come_in_the_order_of_the_form(make_form: Any, judge: Any) -> None:
    parts = [{"type": "textfield", "key": key, "label": key, **REQUIRED} for key in ("zebra", "apple", "mango")]
    assert list(judge(make_form(*parts), {})) == ["zebra", "apple", "mango"]


def test_what_the_form_does_not_ask_is_refused(make_form: Any, judge: Any) -> None:
    form = make_form(question("textfield"))
    assert judge(form, {"answer": "x", "is_admin": True}) == {"is_admin": "This form does not ask for this"}
    assert list(judge(form, {1: "x"}).values()) == ["This form does not ask for this"]
    assert judge(form, ["x"]) == {"": "The answers must be a set of names and values"}


@pytest.mark.parametrize("key", ["load", "fields", "context", "validate", "Meta", "options", "opts", "handle_error"])
def test_a_key_may_be_a_word_that_marshmallow_uses(make_form: Any, judge: Any, key: str) -> None:
    form = make_form({"type": "textfield", "key": key, "label": "Word"})
    assert judge(form, {key: "kept"}) == {key: "kept"}


def test_the_error_carries_the_form_and_every_sentence(make_form: Any, environment: Environment) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        validate(make_form(question("textfield", **REQUIRED)), {}, environment=environment)
    assert isinstance(refused.value, Invalid)
    assert refused.value.details == {"form": "sample_form", "errors": {"answer": "Enter answer"}}


def test_hostile_text_does_not_trip_a_condition(make_form: Any, judge: Any) -> None:
    form = make_form(question("textarea"), {"type": "textfield", "key": "b", "label": "B",
                                            "conditional": {"hide": "=answer = \"x\""}})
    assert judge(form, {"answer": "\ud800"}) == {"answer": "Answer must not include characters that cannot be shown"}


def test_choices_can_be_given_at_run_time(make_form: Any, judge: Any) -> None:
    form = make_form(question("select", properties={"options": "practitioners"}))
    people = {"practitioners": [Option("p-1", "Asha Reed, school nurse")]}
    assert judge(form, {"answer": "p-1"}, options=people) == {"answer": "p-1"}
    assert judge(form, {"answer": "p-2"}, options=people) == {"answer": "Select answer from the list"}
    with pytest.raises(Invalid, match="the choices “practitioners” were not given"):
        judge(form, {"answer": "p-1"})


def test_choices_can_be_computed(make_form: Any, judge: Any) -> None:
    form = make_form(question("select", valuesExpression="=[{label: \"One\", value: \"1\"}, \"two\"]"))
    assert [judge(form, {"answer": each})["answer"] for each in ("1", "two")] == ["1", "two"]
    assert judge(form, {"answer": "three"}) == {"answer": "Select answer from the list"}
    from_variable = make_form(question("radio", valuesKey="venues"))
    assert judge(from_variable, {"answer": "Hall"}, variables={"venues": ["Hall"]}) == {"answer": "Hall"}


@pytest.fixture
def plan(make_form: Any) -> Form:
    form: Form = make_form({
        "type": "dynamiclist", "path": "actions", "label": "Actions",
        "properties": {"min_rows": "1", "max_rows": "3", "row_name": "Action"},
        "components": [
            {"type": "textfield", "key": "action", "label": "Action", **REQUIRED},
            {"type": "datetime", "key": "due_on", "label": "Due", "properties": {"name": "the date the action is due"},
             **REQUIRED},
            {"type": "checkbox", "key": "urgent", "label": "Urgent"},
        ],
    })
    return form


def test_rows_are_judged_one_by_one(plan: Form, judge: Any) -> None:
    good = {"action": "Ring the school", "due_on": "2026-06-30", "urgent": True}
    assert judge(plan, {"actions": [good]})["actions"][0]["due_on"] == date(2026, 6, 30)
    assert judge(plan, {"actions": [good, {"action": "Visit"}]}) == {
        "actions[1].due_on": "Enter the date the action is due"}


def test_blank_rows_are_left_out_and_errors_keep_the_number_shown(plan: Form, judge: Any) -> None:
    blank = {"action": " ", "due_on": {"day": "", "month": "", "year": ""}, "urgent": False}
    good = {"action": "Visit", "due_on": "2026-06-30", "urgent": False}
    assert judge(plan, {"actions": [blank, good]})["actions"] == [
        {"action": "Visit", "due_on": date(2026, 6, 30), "urgent": False}]
    assert list(judge(plan, {"actions": [blank, {"action": "Visit"}]})) == ["actions[1].due_on"]


def test_a_row_that_is_needed_is_judged_even_when_blank(plan: Form, judge: Any) -> None:
    assert judge(plan, {"actions": [{}]}) == {
        "actions[0].action": "Enter action", "actions[0].due_on": "Enter the date the action is due"}
    assert judge(plan, {}) == {"actions": "Add at least one action"}
    assert judge(plan, {"actions": []}) == {"actions": "Add at least one action"}


@pytest.mark.parametrize(("given", "errors"), [
    ("one", {"actions": "Actions must be a list"}),
    ({"0": {}}, {"actions": "Actions must be a list"}),
    ([{}] * 4, {"actions": "Actions must have 3 rows or fewer"}),
    ([{}] * 200_000, {"actions": "Actions must have 3 rows or fewer"}),
    (["text"], {"actions[0]": "Actions must be a set of answers"}),
    ([{"owner": "x"}], {"actions[0].action": "Enter action", "actions[0].due_on": "Enter the date the action is due",
                        "actions[0].owner": "This form does not ask for this"}),
])
def test_rows_that_are_no_rows_are_refused(plan: Form, judge: Any, given: Any, errors: Mapping[str, str]) -> None:
    assert judge(plan, {"actions": given}) == errors


def test_optional_rows_may_be_none(make_form: Any, judge: Any) -> None:
    form = make_form({"type": "dynamiclist", "path": "rows", "components": [question("textfield", **REQUIRED)]})
    assert judge(form, {}) == {"rows": []}
    assert judge(form, {"rows": [{"answer": ""}]}) == {"rows": []}


def test_a_group_with_a_path_nests_and_one_without_does_not(make_form: Any, judge: Any) -> None:
    inner = [question("textfield", **REQUIRED)]
    assert judge(make_form({"type": "group", "label": "G", "components": inner}), {"answer": "x"}) == {"answer": "x"}
    form = make_form({"type": "group", "path": "who", "components": inner})
    assert judge(form, {"who": {"answer": "x"}}) == {"who": {"answer": "x"}}
    assert judge(form, {}) == {"who.answer": "Enter answer"}
    assert judge(form, {"who": "x"}) == {"who": "Who must be a set of answers"}


def test_display_fields_ask_nothing(make_form: Any, judge: Any) -> None:
    assert judge(make_form({"type": "text", "text": "Read this"}, {"type": "separator"}, {"type": "spacer"}), {}) == {}


def test_read_only_answers_are_ignored(make_form: Any, judge: Any) -> None:
    disabled = {"type": "number", "key": "b", "label": "B", "disabled": True}
    form = make_form(question("textfield", readonly=True, **REQUIRED), disabled)
    assert judge(form, {"answer": "forged", "b": 3}) == {}


def test_expressions_are_computed_from_clean_answers(make_form: Any, judge: Any) -> None:
    form = make_form(
        {"type": "number", "key": "weeks", "label": "Weeks"},
        {"type": "expression", "key": "days", "expression": "=weeks * 7"},
        {"type": "dynamiclist", "path": "rows", "components": [
            {"type": "number", "key": "hours", "label": "Hours"},
            {"type": "expression", "key": "minutes", "expression": "=hours * 60"}]},
    )
    found = judge(form, {"weeks": "3", "days": 99, "rows": [{"hours": "2", "minutes": 1}]})
    assert found == {"weeks": 3, "days": 21, "rows": [{"hours": 2, "minutes": 120}]}


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.datetimes()
    | st.decimals(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["day", "month", "year", "time", "answer", "x"]), inner, max_size=4),
    max_leaves=8,
)
_KINDS = (
    "textfield", "textarea", "number", "checkbox", "radio", "checklist", "date", "time", "datetime", "group", "rows",
)


def _everything() -> Form:
    parts: list[dict[str, Any]] = []
    for kind in _KINDS:
        if kind in ("date", "time", "datetime"):
            part = question("datetime", subtype=kind)
        elif kind == "group":
            part = {"type": "group", "path": "group", "components": [question("textfield")]}
        elif kind == "rows":
            part = {"type": "dynamiclist", "path": "rows", "components": [question("number")]}
        else:
            part = question(kind, values=CHOICES) if kind in ("radio", "checklist") else question(kind)
        if kind == "checkbox":
            # A condition over every kind of answer, half typed or hostile.
            hide = ["textfield = textarea", "number > 3", "count(checklist) = 1", "date > today()", "time = null",
                    "datetime > now()", "rows = []", "group.answer = radio"]
            part["conditional"] = {"hide": " or ".join(hide)}
        parts.append(part if "path" in part else {**part, "key": kind})
    document = {"id": "everything", "components": parts}
    return read_form(json.dumps(document).encode(), name="everything.form")


EVERYTHING = _everything()
CALM = Environment(now=datetime(2026, 6, 4, 11, 0, tzinfo=UTC), zone=LONDON)


@given(st.dictionaries(st.sampled_from(_KINDS), _ANYTHING))
def test_any_answers_are_clean_or_refused_in_words(answers: dict[str, Any]) -> None:
    try:
        clean = validate(EVERYTHING, answers, environment=CALM)
    except InvalidAnswers as refused:
        assert all(path and sentence[0].isupper() for path, sentence in refused.errors.items())
    else:
        assert set(_KINDS) - set(clean) <= {"checkbox"}
