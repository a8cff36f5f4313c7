"""Examples beside a table: read strictly, and what is said of one that is not kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from engine.dmn import read_model
from engine.dmn.example_file import Example, ExampleFile, read_examples
from engine.dmn.examples import Outcome, never_matched, run, wrong_names
from engine.dmn.results import row_in_words
from engine.errors import Invalid
from engine.feel import DaysTime, Environment
from tests.small_files import rules

FILE = "late.tests.yaml"
LATE = read_model(
    rules(
        "late", ["days", "urgent"], ["who", "when"],
        [["< 5", "-", '"lead"', "null"], ["[5..10]", "false", '"lead"', "today()"], [">= 5", "true", '"boss"', "null"]],
        policy="UNIQUE",
    ),
    name="late.dmn",
)  # fmt: skip


def read(text: str) -> ExampleFile:
    return read_examples(f"decision: late\nexamples:\n{text}", name=FILE)


def outcomes(text: str) -> list[Outcome]:
    return list(run(read(text), LATE, surround))


def surround(example: Example) -> Environment:
    return Environment(now=datetime.combine(example.today, time(12), UTC) if example.today else None)


def problems(text: str) -> tuple[str, ...]:
    (outcome,) = outcomes(text)
    return outcome.problems


def test_each_value_is_an_example_of_its_own() -> None:
    whole = read_examples(
        """
decision: late
authority: barnet
today: 2026-06-03
limits: {one: 1, two: 2}
usually: {urgent: false, days: 1}
examples:
  A few days:
    for each: {days: [1, 2.5], urgent: [true, null]}
    then: {who: lead}
  Other limits on another day:
    when: {days: '@"P3D"'}
    today: 2026-06-04
    authority: null
    limits: {two: 3}
    rows: [rule_1, 2]
""",
        name=FILE,
    )
    names = [each.name for each in whole.examples]
    assert names[:2] == ["A few days (days = 1, urgent = true)", "A few days (days = 1, urgent = null)"]
    assert (len(names), names[4]) == (5, "Other limits on another day")
    first, last = whole.examples[2], whole.examples[4]
    assert first == Example(
        "A few days (days = 2.5, urgent = true)", {"urgent": True, "days": Decimal("2.5")}, "barnet",
        date(2026, 6, 3), {"one": 1, "two": 2}, ({"who": "lead"},), None,
    )  # fmt: skip
    assert (last.today, last.authority, last.limits) == (date(2026, 6, 4), None, {"one": 1, "two": 3})
    assert (last.inputs["days"], last.answer, last.rows) == (DaysTime(3 * 86400 * 10**9), (), ("rule_1", "2"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "late.tests.yaml: write names with a colon"),
        ("examples: {a: {rows: []}}", "decision: say which decision"),
        ("decision: late\nexamples: {}", "examples: there is none"),
        ("decision: late\nexamples: {a: 3}", "a: write names with a colon"),
        ("decision: late\nexample: {}", "example: there is no such field; did you mean `examples`?"),
        ("decision: late\nexamples: {a: {when: {}}}", "a: say in `then`"),
        ("decision: late\nexamples: {a: {wehn: {}, rows: []}}", "a: wehn: there is no such field; did you mean `when`"),
        ("decision: late\nexamples: {a: {for each: {days: 3}, rows: []}}", "a: for each: days: write the values in"),
        ("decision: late\nexamples: {a: {for each: {days: []}, rows: []}}", "a: for each: days: write the values in"),
        ("decision: late\nexamples: {a: {rows: {b: 1}}}", "a: rows: write ids or numbers"),
        ("decision: late\nexamples: {a: {rows: [true]}}", "a: rows: write ids or numbers"),
        ("decision: late\nexamples: {a: {today: soon, rows: []}}", "a: today: write a date like"),
        ("decision: late\nexamples: {a: {authority: 3, rows: []}}", "a: authority: write the key"),
        ("decision: late\nexamples: {a: {when: {b: '@\"P3\"'}, rows: []}}", 'a: when: b: @"P3" is no date'),
        ("decision: late\nexamples: {a: {rows: [], rows: []}}", "line 2: examples.a.rows: this is given twice"),
    ],
)
def test_what_is_wrong_is_named_by_example_and_field(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_examples(text, name=FILE)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith(FILE)


def test_there_is_an_end_to_examples() -> None:
    days = list(range(50))
    with pytest.raises(Invalid, match="more than 2000; write fewer"):
        read(f"  a: {{for each: {{days: {days}, urgent: {days}}}, rows: []}}")


@pytest.mark.parametrize(
    "text",
    [
        "  a: {when: {days: 4}, then: {who: lead, when: null}, rows: [1]}",
        "  a: {when: {days: 4.50}, then: {who: lead}}",
        "  a: {when: {days: 5, urgent: false}, today: 2026-06-03, then: {when: 2026-06-03}, rows: [2]}",
        "  a: {when: {days: 11, urgent: false}, then: null, rows: []}",
        "  a: {when: {days: 5, urgent: true}, rows: [3]}",
    ],
)
def test_an_example_that_is_kept(text: str) -> None:
    assert problems(text) == ()


def test_an_example_that_is_not_kept_says_which_rows_matched_and_why() -> None:
    assert problems("  a: {when: {days: 5, urgent: true}, then: {who: lead}, rows: [1]}") == (
        'expected {who: "lead"}, got {who: "boss"}',
        "expected the row 1, got the row rule_3",
        "row 3 (rule_3) matched: days is 5 (>= 5); urgent is true (true)",
        "row 1 did not match: days is 5, and it asks < 5",
    )
    assert problems("  a: {when: {days: 5, urgent: true}, then: {who: lead}}")[1:] == (
        "row 3 (rule_3) matched: days is 5 (>= 5); urgent is true (true)",
    )
    assert problems("  a: {when: {days: 12, urgent: false}, rows: [2, 3]}") == (
        "expected the rows 2, 3, got no row",
        "row 2 did not match: days is 12, and it asks [5..10]",
        "row 3 did not match: urgent is false, and it asks true",
    )


def test_a_rule_that_cannot_be_judged_is_not_kept() -> None:
    said = problems("  a: {when: {days: soon}, then: null}")
    assert said and all(each.startswith("a warning: ") for each in said)


@pytest.mark.parametrize("then", ["[1]", "[1, 2, 4]", "[1, 3, 2]", "{a: 1}", "null", "three"])
def test_lists_are_alike_in_length_and_order(then: str) -> None:
    three = read_model(rules("late", [], ["n"], [["1"], ["2"], ["3"]], policy="RULE ORDER"), name="three.dmn")
    kept, unkept = run(read(f"  a: {{then: [1, 2, 3]}}\n  b: {{then: {then}}}"), three, surround)
    assert (kept.problems, bool(unkept.problems)) == ((), True)


def test_names_that_are_not_there_are_told_with_what_was_meant() -> None:
    text = "  a: {when: {dyas: 3}, then: {whom: lead}, rows: [4, rlue_1]}"
    assert [said for _, said in wrong_names(read(text), LATE)] == [
        "'dyas' is no input of the decision; did you mean 'days'?",
        "the decision's table has no row '4'",
        "the decision's table has no row 'rlue_1'; did you mean 'rule_1'?",
        "'whom' is no output of the decision; did you mean 'who'?",
    ]


def test_rows_that_no_example_reaches() -> None:
    found = outcomes("  a: {when: {days: 1}, rows: [1]}\n  b: {when: {days: 5, urgent: true}, rows: [3]}")
    assert never_matched(found, LATE, "late") == ["rule_2"]


NAMED = rules(
    "late", ["days"], ["who"], [["< 5", '"worker"'], [">= 5", '"lead"'], ["> 20", '"lead"']], policy="RULE ORDER"
)


def with_names(source: bytes, *names: str) -> bytes:
    """Return a rules file whose table names its rows."""
    said = (f"<annotationEntry><text>{name}</text></annotationEntry></rule>" for name in names)
    parts = source.decode().replace("<rule", '<annotation name="Row"/><rule', 1).split("</rule>")
    return "".join(part + end for part, end in zip(parts, [*said, ""], strict=True)).encode()


def test_a_row_goes_by_the_name_that_its_table_gives_it_wherever_it_is_said() -> None:
    model = read_model(with_names(NAMED, "1", "26b", "27"), name="late.dmn")
    (one,) = run(read("  a: {when: {days: 7}, rows: [rule_1]}"), model, surround)
    assert one.problems == (
        "expected the row 1, got the row 26b",
        "row 26b (the 2nd) matched: days is 7 (>= 5)",
        "row 1 did not match: days is 7, and it asks < 5",
    )


@pytest.mark.parametrize(
    ("number", "said"), [(1, "b (the 1st)"), (12, "b (the 12th)"), (42, "b (the 42nd)"), (103, "b (the 103rd)")]
)
def test_a_place_in_a_table_is_said_as_people_count(number: int, said: str) -> None:
    assert row_in_words({"Row": "b"}, number, "row_b") == said
    assert row_in_words({"Row": str(number)}, number, "row_b") == str(number)
    assert (row_in_words({}, number, "row_b"), row_in_words({}, number)) == (f"{number} (row_b)", str(number))
