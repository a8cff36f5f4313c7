"""Every rules file reads well in an editor: a source on each row, widths, a question, what it expects, a diagram."""

from __future__ import annotations

from importlib.resources import files

import pytest
from lxml import etree

from engine.checking import check

MODEL = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
DIAGRAM = "{https://www.omg.org/spec/DMN/20191111/DMNDI/}"
WIDTH = "{http://bpmn.io/schema/dmn/biodi/2.0}width"
FILES = sorted(entry.name for entry in files("rules").iterdir() if entry.name.endswith(".dmn"))


@pytest.fixture(params=FILES)
def tree(request: pytest.FixtureRequest) -> etree._Element:
    return etree.fromstring(files("rules").joinpath(request.param).read_bytes())


def test_all_the_tables_are_there() -> None:
    assert FILES == [
        "caf_needed.dmn", "escalation.dmn", "lead_professional.dmn", "review_interval.dmn", "service_overlap.dmn",
        "task_routing.dmn", "timescales.dmn",
    ]  # fmt: skip


def test_nothing_is_found_wrong_with_them() -> None:
    """Nor with their examples: each file has some, they are kept, and they reach every row."""
    beside = [name.replace(".dmn", ".tests.yaml") for name in FILES]
    assert check({name: files("rules").joinpath(name).read_bytes() for name in [*FILES, *beside]}).findings == ()


def test_every_row_says_where_it_comes_from(tree: etree._Element) -> None:
    assert [rule.get("id") for rule in tree.iter(f"{MODEL}rule") if not _text(rule, "description").endswith(".")] == []


def test_every_row_says_so_to_every_editor(tree: etree._Element) -> None:
    """What dmn-js shows as the annotation of a row is its description; other editors show the annotation columns."""
    for table in tree.iter(f"{MODEL}decisionTable"):
        columns = [column.get("name") for column in table.iter(f"{MODEL}annotation")]
        assert columns[-1] == "Source"
        for rule in table.iter(f"{MODEL}rule"):
            notes = [_text(entry, "text") for entry in rule.iter(f"{MODEL}annotationEntry")]
            named = dict(zip(columns, notes, strict=True))
            said = f"Row {named['Row']}. {named['Source']}" if "Row" in named else named["Source"]
            assert _text(rule, "description") == said, rule.get("id")


def test_escalations_are_numbered_as_people_know_them() -> None:
    """A row's name is the guidance's number of what it stands for, wherever in the file it stands, and no other's."""
    rules = etree.fromstring(files("rules").joinpath("escalation.dmn").read_bytes()).iter(f"{MODEL}rule")
    named = {rule.get("id", ""): _text(next(rule.iter(f"{MODEL}annotationEntry")), "text") for rule in rules}
    assert len(set(named.values())) == len(named)
    assert {int(name.rstrip("abcd")) for name in named.values()} == set(range(1, 29))
    known = {"row_significant_harm": "1", "row_review_very_late": "8", "row_nobody_leads_to_mag": "18c"}
    assert {id_: named[id_] for id_ in known} == known


def test_every_column_has_a_label_and_a_width(tree: etree._Element) -> None:
    columns = [*tree.iter(f"{MODEL}input"), *tree.iter(f"{MODEL}output")]
    assert columns
    assert [each.get("id") for each in columns if not each.get("label") or int(each.get(WIDTH, "0")) < 80] == []


def test_every_decision_says_what_it_answers_and_what_it_is_given(tree: etree._Element) -> None:
    for decision in tree.iter(f"{MODEL}decision"):
        assert "Inputs" in _text(decision, "description")
        assert _text(decision, "question").endswith("?")
        assert _text(decision, "allowedAnswers").endswith(".")


def test_every_input_is_named_in_the_description(tree: etree._Element) -> None:
    if tree.get("id") == "definitions_escalation":
        return  # the facts of the case, all of them by their names
    for decision in tree.iter(f"{MODEL}decision"):
        said = _text(decision, "description")
        asked = [_text(each, "inputExpression/text") for each in decision.iter(f"{MODEL}input")]
        assert [name for name in asked if name.isidentifier() and name not in said] == []


def test_every_decision_is_drawn(tree: etree._Element) -> None:
    drawn = {shape.get("dmnElementRef") for shape in tree.iter(f"{DIAGRAM}DMNShape")}
    assert drawn == {decision.get("id") for decision in tree.iter(f"{MODEL}decision")}


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext("/".join(MODEL + part for part in path.split("/"))) or "").strip()
