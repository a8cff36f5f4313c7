"""Questions that a condition hides: not asked, not kept, judged afresh at each submission."""

from __future__ import annotations

from typing import Any

import pytest

REQUIRED = {"validate": {"required": True}}
CONSENT = {"type": "radio", "key": "consent", "label": "Consent",
           "values": [{"label": "Given", "value": "given"}, {"label": "Refused", "value": "refused"}]}
REASON = {"type": "textfield", "key": "reason", "label": "Reason", "conditional": {"hide": "=consent = \"given\""},
          **REQUIRED}


@pytest.mark.parametrize(("answers", "found"), [
    ({"consent": "given"}, {"consent": "given"}),
    ({"consent": "given", "reason": "typed before"}, {"consent": "given"}),
    ({"consent": "refused"}, {"reason": "Enter reason"}),
    ({"consent": "refused", "reason": "worried"}, {"consent": "refused", "reason": "worried"}),
    ({}, {"reason": "Enter reason"}),
])
def test_a_hidden_question_is_neither_required_nor_kept(make_form: Any, judge: Any, answers: Any, found: Any) -> None:
    assert judge(make_form(CONSENT, REASON), answers) == found


def test_a_hidden_answer_hides_what_hangs_on_it(make_form: Any, judge: Any) -> None:
    detail = {"type": "textfield", "key": "detail", "label": "Detail", "conditional": {"hide": "=reason = null"}}
    form = make_form(detail, CONSENT, REASON)
    assert judge(form, {"consent": "given", "reason": "x", "detail": "y"}) == {"consent": "given"}
    assert judge(form, {"consent": "refused", "reason": "x", "detail": "y"})["detail"] == "y"


def test_conditions_that_chase_each_other_come_to_an_end(make_form: Any, judge: Any) -> None:
    form = make_form(
        {"type": "checkbox", "key": "a", "label": "A", "conditional": {"hide": "=not(b = true)"}},
        {"type": "checkbox", "key": "b", "label": "B", "conditional": {"hide": "=a = true"}},
    )
    assert set(judge(form, {"a": True, "b": True})) <= {"a", "b"}


def test_conditions_see_given_variables(make_form: Any, judge: Any) -> None:
    form = make_form({**REASON, "conditional": {"hide": "=pathway = \"caf\""}})
    assert judge(form, {}, variables={"pathway": "caf"}) == {}
    assert judge(form, {}, variables={"pathway": "other"}) == {"reason": "Enter reason"}


def test_a_condition_that_fails_shows_the_question(make_form: Any, judge: Any) -> None:
    form = make_form({**REASON, "conditional": {"hide": "=1 + \"x\" > 2"}})
    assert judge(form, {}) == {"reason": "Enter reason"}


@pytest.mark.parametrize("path", [{}, {"path": "inner"}])
def test_a_hidden_group_hides_everything_in_it(make_form: Any, judge: Any, path: dict[str, str]) -> None:
    inner = {"type": "textfield", "key": "why", "label": "Why", **REQUIRED}
    group = {"type": "group", "conditional": {"hide": "=consent = \"given\""}, "components": [inner], **path}
    form = make_form(CONSENT, group)
    assert judge(form, {"consent": "given"}) == {"consent": "given"}
    assert list(judge(form, {"consent": "refused"})) == [f"{path['path']}.why" if path else "why"]


@pytest.mark.parametrize("hide", ["=kind = \"visit\"", "=this.kind = \"visit\""])
def test_each_row_has_its_own_condition(make_form: Any, judge: Any, hide: str) -> None:
    form = make_form({"type": "dynamiclist", "path": "rows", "components": [
        {"type": "textfield", "key": "kind", "label": "Kind", **REQUIRED},
        {"type": "textfield", "key": "number", "label": "Number", "conditional": {"hide": hide}, **REQUIRED}]})
    assert judge(form, {"rows": [{"kind": "visit", "number": "7"}, {"kind": "call", "number": "8"}]}) == {
        "rows": [{"kind": "visit"}, {"kind": "call", "number": "8"}]}
    assert judge(form, {"rows": [{"kind": "visit"}, {"kind": "call"}]}) == {"rows[1].number": "Enter number"}


def test_rows_see_the_answers_around_them(make_form: Any, judge: Any) -> None:
    form = make_form(CONSENT, {"type": "dynamiclist", "path": "rows", "components": [
        {"type": "textfield", "key": "what", "label": "What"},
        {**REASON, "conditional": {"hide": "=parent.consent = \"given\" and i[1] = 1"}}]})
    found = judge(form, {"consent": "given", "rows": [{"what": "a"}, {"what": "b"}]})
    assert found == {"rows[1].reason": "Enter reason"}


def test_half_typed_dates_count_as_null(make_form: Any, judge: Any) -> None:
    form = make_form(
        {"type": "datetime", "key": "held_on", "label": "Held on"},
        {"type": "textfield", "key": "note", "label": "Note", "conditional": {"hide": "=held_on = null"}, **REQUIRED},
    )
    assert list(judge(form, {"held_on": {"day": "31", "month": "2", "year": "2026"}})) == ["held_on"]
    assert list(judge(form, {"held_on": {"day": "1", "month": "2", "year": "2026"}})) == ["note"]


def test_a_hidden_expression_is_not_computed(make_form: Any, judge: Any) -> None:
    form = make_form(CONSENT, {"type": "expression", "key": "sum", "expression": "=1 + 1",
                               "conditional": {"hide": "=consent = \"given\""}})
    assert "sum" not in judge(form, {"consent": "given"})
    assert judge(form, {"consent": "refused"})["sum"] == 2
