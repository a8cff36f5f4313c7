"""A DMN file as it is written: tables row by row, and boxed expressions part by part."""

from pathlib import Path

import pytest

from engine.dmn.written import Logic, WrittenRow, written_decisions
from engine.errors import Invalid
from tests.unit.dmn.dmn_files import definitions, literal

ROOT = Path(__file__).parents[3]


def logic(boxed: str) -> Logic[WrittenRow]:
    (decision,) = written_decisions(definitions(f'<decision id="d" name="D">{boxed}</decision>'), name="d.dmn")
    assert decision.logic is not None
    return decision.logic


def test_the_shipped_escalation_rules_are_told_with_cells_notes_and_who_approves() -> None:
    source = (ROOT / "rules" / "escalation.dmn").read_bytes()
    (decision,) = written_decisions(source, name="escalation.dmn")
    table = decision.logic.table if decision.logic else None
    assert table is not None and decision.question.startswith("Is this plan late")
    assert table.policy == "COLLECT" and table.inputs[0] == "Case closed" and table.outputs[0] == "Reason"
    first = table.rows[0]
    assert len(first.asks) == len(table.inputs) and first.asks[0] == "false"
    assert first.approver == "safeguarding_lead" and dict(first.notes)["Row"] == "1"


def test_an_expression_is_its_text() -> None:
    assert logic(literal("a + 1")) == Logic("", text="a + 1")


def test_a_context_says_its_entries_and_its_result() -> None:
    entry = f'<contextEntry><variable name="sum"/>{literal("1 + 2")}</contextEntry>'
    found = logic(f"<context>{entry}<contextEntry>{literal('sum * 2')}</contextEntry></context>")
    assert [(part.label, part.text) for part in found.parts] == [("sum", "1 + 2"), ("result", "sum * 2")]


def test_lists_relations_calls_and_loops_are_told_part_by_part() -> None:
    assert [part.label for part in logic(f"<list>{literal('1')}{literal('2')}</list>").parts] == ["item 1", "item 2"]
    relation = f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("2")}</row></relation>'
    (row,) = logic(relation).parts
    assert [(part.label, part.text) for part in row.parts] == [("a", "1"), ("b", "2")]
    call = f'<invocation>{literal("f")}<binding><parameter name="x"/>{literal("3")}</binding></invocation>'
    assert [(part.label, part.text) for part in logic(call).parts] == [("call", "f"), ("x", "3")]
    loop = logic(f'<for iteratorVariable="i"><in>{literal("l")}</in><return>{literal("i * 2")}</return></for>')
    assert (loop.label, [part.label for part in loop.parts]) == ("for i", ["in", "return"])


def test_a_knowledge_model_is_a_function_of_its_parameters() -> None:
    body = f'<encapsulatedLogic><formalParameter name="n"/>{literal("n + 1")}</encapsulatedLogic>'
    text = definitions(f'<businessKnowledgeModel id="k" name="K">{body}</businessKnowledgeModel>')
    (found,) = written_decisions(text, name="k.dmn")
    assert found.is_function and found.logic is not None
    assert found.logic.label == "function of n" and found.logic.parts[0].text == "n + 1"


def test_a_decision_without_logic_has_none_and_what_is_no_xml_is_refused() -> None:
    (found,) = written_decisions(definitions('<decision id="d" name="D"/>'), name="d.dmn")
    assert found.logic is None
    with pytest.raises(Invalid):
        written_decisions(b"<definitions", name="d.dmn")
