"""The words between questions: safe Markdown, with values put in after it is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Environment
from engine.forms import Scope, Span, blocks, spoken


def shown(make_form: Any, environment: Environment, text: str, **variables: Any) -> Any:
    field = make_form({"type": "text", "text": text}).fields[0]
    return blocks(field.content, Scope(variables, environment))


def test_headings_paragraphs_and_lists(make_form: Any, environment: Environment) -> None:
    found = shown(make_form, environment, "# Before\nOne\ntwo\n\n* a\n* b\n1. c\n2. d\n##### Deep")
    assert [(each.kind, each.level, [run[0].text for run in each.items]) for each in found] == [
        ("h", 2, ["Before"]), ("p", 0, ["One two"]), ("ul", 0, ["a", "b"]), ("ol", 0, ["c", "d"]), ("h", 4, ["Deep"])]


def test_styles_and_links(make_form: Any, environment: Environment) -> None:
    found = shown(make_form, environment, "A **b** *c* [d](https://example.org/e).")[0].items[0]
    assert found == (Span("A "), Span("b", "strong"), Span(" "), Span("c", "em"), Span(" "),
                     Span("d", "link", "https://example.org/e"), Span("."))


@pytest.mark.parametrize("href", ["javascript:alert(1)", "JaVaScript:x", "data:text/html,x", "//evil.example", "{{x}}"])
def test_links_that_could_run_or_mislead_are_words(make_form: Any, environment: Environment, href: str) -> None:
    spans = shown(make_form, environment, f"[go]({href})", x="javascript:alert(1)")[0].items[0]
    assert {(each.style, each.href) for each in spans} == {("plain", "")}
    assert spans[0].text == "go"


def test_values_are_put_in_and_cannot_become_markup(make_form: Any, environment: Environment) -> None:
    found = shown(make_form, environment, "Hello **{{name}}**{{missing}}", name="# *x* [a](https://b.example)")
    assert found[0].items[0] == (Span("Hello "), Span("# *x* [a](https://b.example)", "strong"))


def test_a_whole_text_may_be_an_expression(make_form: Any, environment: Environment) -> None:
    assert shown(make_form, environment, "=\"Week \" + week", week="2")[0].items[0] == (Span("Week 2"),)


@pytest.mark.parametrize(("value", "words"), [
    (None, ""), (True, "yes"), (False, "no"), (date(2026, 6, 4), "4 June 2026"), (time(14, 5), "2:05pm"),
    (time(0, 0), "12:00am"), (["a", 1], "a, 1"), (Decimal("1.50"), "1.50"), ("x", "x"),
    (datetime(2026, 6, 4, 13, 30, tzinfo=UTC), "4 June 2026 at 2:30pm"),
])
def test_values_are_spoken(value: Any, words: str) -> None:
    assert spoken(value, zone=ZoneInfo("Europe/London")) == words
