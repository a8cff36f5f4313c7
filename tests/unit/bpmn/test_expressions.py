"""What designers' tools write in expression slots, and the FEEL it is read as."""

from __future__ import annotations

import pytest

from engine.bpmn.expressions import (
    ReadExpression,
    read_assignment,
    read_candidates,
    read_condition,
    read_expression,
    read_time,
    read_value,
)
from engine.errors import Invalid

JUEL = [
    ("${approved}", "approved"),
    ("#{approved}", "approved"),
    (" ${ approved } ", "approved"),
    ("${amount > 5 && x == 'y'}", 'amount > 5 and x = "y"'),
    ("${amount gt 5 and x eq 'y'}", 'amount > 5 and x = "y"'),
    ("${a or b and c}", "a or b and c"),
    ("${(a || b) && c}", "(a or b) and c"),
    ("${!flag}", "flag != true"),
    ("${not flag}", "flag != true"),
    ("${!(a == b)}", "(a = b) != true"),
    ("${a != null}", "a != null"),
    ("${a + b * 2 - c div 4}", "a + b * 2 - c / 4"),
    ("${a - (b - c)}", "a - (b - c)"),
    ("${a mod 2 == 0}", "modulo(a, 2) = 0"),
    ("${-a < .5}", "-a < 0.5"),
    ("${empty x}", 'x = null or string(x) = "" or string(x) = "[]"'),
    ("${!empty x}", '(x = null or string(x) = "" or string(x) = "[]") != true'),
    ("${a ? 'yes' : 'no'}", 'if a then "yes" else "no"'),
    ("${answer == 'true'}", 'string(answer) = "true"'),
    ("${'5' != size}", '"5" != string(size)'),
    ("${name == 'O\\'Brien'}", 'name = "O\'Brien"'),
    ('${name == "}"}', 'name = "}"'),
    ("${now()}", "now()"),
    ("${dateTime().plusDays(3).toDate()}", 'now() + duration("P3D")'),
    ("${dateTime().minusWeeks(2)}", 'now() - duration("P14D")'),
]


@pytest.mark.parametrize(("text", "feel"), JUEL)
def test_simple_camunda_expressions_become_feel_with_a_notice(text: str, feel: str) -> None:
    read = read_condition(text)
    assert read.feel == feel
    assert read.notice is not None
    assert feel in read.notice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${execution.getVariable('x')}", "bean 'execution'"),
        ("${execution}", "bean 'execution'"),
        ("${service.approve(x)}", "reads a property or calls a method of 'service'"),
        ("${child.name}", "FEEL expression over the process's own variables"),
        ("${list[0]}", "reads an item of 'list'"),
        ("${currentUser()}", "calls a function of 'currentUser'"),
        ("${dateTime().withYear(3)}", "'withYear' is not translated"),
        ("${dateTime().plusDays(n)}", "'n' is not expected here"),
        ("${dateTime().plusDays(²)}", "not understood"),
        ("${a b}", "'b' is not expected here"),
        ("${a >}", "ends too early"),
        ("${a ? b}", "ends too early"),
        ("${}", "ends too early"),
        ("${a = b}", "not understood"),
        ("${a", "without its closing brace"),
        ("${'a}", "without its closing brace"),
        ("x and ${a}", "mixes"),
        ("${a}${b}", "mixes"),
        ("${for}", "give it a plain name"),
        ("${a$b}", "give it a plain name"),
        ("${" + "(" * 400 + "a" + ")" * 400 + "}", "nested more than"),
        ("${" + "!" * 4000 + "a}", "nested more than"),
        ("${" + "a ? b : " * 600 + "c}", "nested more than"),
        ("${" + "a+" * 3000 + "a}", "longer than"),
        ("", "is empty"),
        (" = ", "is empty"),
    ],
)
def test_other_camunda_expressions_are_refused_with_advice(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=r".") as refused:
        read_condition(text)
    assert words in str(refused.value)


@pytest.mark.parametrize("text", ["x > 5", "=x > 5", "= x > 5 "])
def test_feel_stays_feel_with_or_without_equals(text: str) -> None:
    assert read_expression(text) == ReadExpression("x > 5")


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("line_managers", '"line_managers"'),
        ("Ann O'Neil", '"Ann O\'Neil"'),
        ("ann.oneil@example.org", '"ann.oneil@example.org"'),
        ("=lead_professional", "lead_professional"),
        ("${lead_professional}", "lead_professional"),
        ("team_${area}", '"team_" + string(area)'),
    ],
)
def test_assignees_are_names_unless_marked(text: str, feel: str) -> None:
    assert read_assignment(text).feel == feel


@pytest.mark.parametrize("text", ['if late then "a" else "b"', "manager(lead)", '"line_managers"'])
def test_an_unmarked_expression_is_not_taken_for_a_name(text: str) -> None:
    with pytest.raises(Invalid, match="write = in front"):
        read_assignment(text)


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("case_workers", '["case_workers"]'),
        ("case_workers, line_managers", '["case_workers", "line_managers"]'),
        ("${group}", "group"),
        ("${group}, coordinators", 'flatten([group, "coordinators"])'),
        ('="case_workers"', '"case_workers"'),
        ('=if late then ["a", "b"] else "c"', 'if late then ["a", "b"] else "c"'),
    ],
)
def test_candidates_are_lists_of_names(text: str, feel: str) -> None:
    assert read_candidates(text).feel == feel


@pytest.mark.parametrize("text", [",", "a,,(b)", "a, ${x"])
def test_candidates_that_name_nobody_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_candidates(text)


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ("2026-06-04", 'date("2026-06-04")'),
        ("2026-06-04T09:00:00", 'date and time("2026-06-04T09:00:00")'),
        ("2026-06-04T09:00", 'date and time("2026-06-04T09:00:00")'),
        ("2026-06-04T09:00:00Z", 'date and time("2026-06-04T09:00:00Z")'),
        ("2026-06-04T09:00:00+0100", 'date and time("2026-06-04T09:00:00+01:00")'),
        ("2026-06-04T09:00:00@Europe/London", 'date and time("2026-06-04T09:00:00@Europe/London")'),
        ("PT1H", 'duration("PT1H")'),
        ("P10D", 'duration("P10D")'),
        ("P1Y2M", 'duration("P1Y2M")'),
        ("P1W2DT3H", 'duration("P9DT3H")'),
        ("P1WT3H", 'duration("P7DT3H")'),
        ("P1Y1W", '"P1Y7D"'),
        ("P1M3D", '"P1M3D"'),
        ("PT24H", '"PT24H"'),
        ("P1DT23H", 'duration("P1DT23H")'),
        ("R3/2026-06-04T09:00:00/PT1H", '"R3/2026-06-04T09:00:00/PT1H"'),
        ("R/2026-06-04/P1D", '"R/2026-06-04T00:00:00/P1D"'),
        ("R3/PT1H", '"R3/PT1H"'),
        ("R/P1W", '"R/P7D"'),
        ("add working days(today(), 10)", "add working days(today(), 10)"),
        ("=add working days(today(), 10)", "add working days(today(), 10)"),
        ("${due}", "due"),
        ("PT${hours}H", '"PT" + string(hours) + "H"'),
        ('@"P3D"', '@"P3D"'),
    ],
)
def test_times_are_iso_text_or_feel(text: str, feel: str) -> None:
    assert read_time(text).feel == feel


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("09:00", "time without a date"),
        ("T09:00:00", "time without a date"),
        ("09:00:00Z", "time without a date"),
        ("2026-02-30", "not a date that exists"),
        ("2026-06-04T25:00:00", "not a date that exists"),
        ("2026-06-04T09:00:00+99:00", "offset that does not exist"),
        ("2026-06-04T09:00:00@Atlantis/Town", "time zone that does not exist"),
        ("2026-06-04T09:00:00@../../etc/passwd", "FEEL"),
        ("2026-06-04T09:00:00Z@Europe/London", "keep one of the two"),
        ("-P1D", "negative"),
        ("pt1h", "write PT1H"),
        ("R0/PT1H", "repeats no times"),
        ("R3/PT0S", "without a pause"),
        ("R3/x", "not a duration"),
        ("R3/P", "not a duration"),
        ("R3/PT1H/2026-06-04T09:00:00", "not a date and time"),
        ("R3/2026-02-30/PT1H", "not a date that exists"),
        ("0 0/5 * * * ?", "cron"),
        ("0 9 * * MON-FRI", "cron"),
    ],
)
def test_times_without_one_meaning_are_refused(text: str, words: str) -> None:
    if words == "FEEL":  # not ISO at all, so it is left for the FEEL compiler to refuse
        assert read_time(text).feel == text
        return
    with pytest.raises(Invalid) as refused:
        read_time(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "feel", "noticed"),
    [
        ("a fixed text", '"a fixed text"', False),
        ("next_step", '"next_step"', True),
        ("count(x) > 1", '"count(x) > 1"', True),
        ("=next_step", "next_step", False),
        ("12.5", "12.5", False),
        ("true", "true", False),
        ("${next_step}", "next_step", True),
        ("step ${n} of 3", '"step " + string(n) + " of 3"', True),
    ],
)
def test_parameter_values_are_text_unless_marked(text: str, feel: str, noticed: bool) -> None:
    read = read_value(text)
    assert read.feel == feel
    assert (read.notice is not None) is noticed
