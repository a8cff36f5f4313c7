"""Decision tables changed row by row as XML: what nobody changes stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import read_model
from engine.errors import Invalid, NotFound
from engine.feel import Environment
from engine.outlines.tables import Rule, Tables

RULES = Path(__file__).parents[3] / "rules"
INTERVAL = "review_interval"


def opened(name: str = "review_interval.dmn") -> Tables:
    return Tables((RULES / name).read_bytes(), name=name)


def rules(tables: Tables, decision: str = INTERVAL) -> tuple[Rule, ...]:
    return Tables(tables.save(), name="x.dmn").one(decision).rules


def weeks(tables: Tables, **facts: object) -> object:
    model = read_model(tables.save(), name="review_interval.dmn", functions=HOST_FUNCTIONS)
    return model.evaluate(INTERVAL, facts, Environment(warnings=[])).value


@pytest.mark.parametrize("name", sorted(path.name for path in RULES.glob("*.dmn")))
def test_rows_written_as_they_are_change_nothing(name: str) -> None:
    tables = opened(name)
    before = etree.tostring(tables.root, method="c14n2")
    for table in tables.all():
        for rule in table.rules:
            tables.set_rule(table.decision, rule.number, rule.cells)
    assert etree.tostring(tables.root, method="c14n2") == before
    assert tables.all()


def test_a_row_is_read_by_its_columns() -> None:
    table = opened().one(INTERVAL)
    assert [column.label for column in table.inputs][1:] == ["Reviews held so far", "What the last review found"]
    assert table.rules[2].cells == {
        "input_1": '"sefton"', "input_2": ">= 1", "input_3": "-", "output_1": "12",
        "note_1": "Sefton: then at most 3 months.",
    }  # fmt: skip
    assert [rule.approver for rule in opened("escalation.dmn").one("escalation").rules if rule.approver]


def test_rows_are_added_copied_moved_and_taken_out() -> None:
    tables, facts = opened(), {"authority": "ours", "reviews_held": 1, "outcome": "same"}
    number = tables.add_rule(INTERVAL, 0)
    assert number == 1 and rules(tables)[0].cells["input_1"] == "-"
    tables.set_rule(INTERVAL, 1, {"input_1": '"ours"', "input_2": "", "output_1": "3", "note_1": "We agreed so."})
    assert rules(tables)[0].cells == {
        "input_1": '"ours"', "input_2": "-", "input_3": "-", "output_1": "3", "note_1": "We agreed so."
    }  # fmt: skip
    assert weeks(tables, **facts) == 3
    assert tables.copy_rule(INTERVAL, 1) == 2
    tables.set_rule(INTERVAL, 2, {"output_1": "4"})
    assert tables.move_rule(INTERVAL, 2, down=False) == 1 and weeks(tables, **facts) == 4
    assert tables.move_rule(INTERVAL, 1, down=False) == 1
    tables.remove_rule(INTERVAL, 1)
    assert weeks(tables, **facts) == 3
    ids = [each.get("id") for each in tables.root.iter("*") if each.get("id")]
    assert len(ids) == len(set(ids))


def test_a_copy_of_a_row_that_was_approved_is_not_approved() -> None:
    tables = opened("escalation.dmn")
    number = next(rule.number for rule in tables.one("escalation").rules if rule.approver)
    copied = tables.copy_rule("escalation", number)
    assert [rule.approver != "" for rule in rules(tables, "escalation")[number - 1 : copied]] == [True, False]


def test_a_description_that_repeats_the_reason_changes_with_it() -> None:
    tables = opened()
    tables.set_rule(INTERVAL, 3, {"note_1": "Ours."})
    assert b"<description>Ours.</description>" in tables.save()
    tables.set_rule(INTERVAL, 2, {"output_1": "7"})
    assert tables.save().count(b"Ours.") == 2


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(Invalid) as wrong:
        opened().set_rule(INTERVAL, 1, {"output_1": " "})
    assert wrong.value.details["field"] == "output_1"
    for deed in (lambda: opened().remove_rule(INTERVAL, 999), lambda: opened().add_rule("gone", 0)):
        with pytest.raises(NotFound):
            deed()
