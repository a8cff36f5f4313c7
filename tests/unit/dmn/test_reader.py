"""What the reader refuses, and how it says where."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from engine.dmn import read_model
from engine.dmn.results import jsonable
from engine.errors import Invalid
from tests.unit.dmn.dmn_files import SPACES, ask, decision, definitions, input_data, literal, read, table


@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5"])
def test_the_three_versions_are_read(version: str) -> None:
    model = read_model(definitions(decision("D", literal("1")), version=version), name="a.dmn")
    assert (model.version, model.key, model.name, model.file) == (version, "test", "Test", "a.dmn")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"<a/>", "not a DMN"),
        (b"no xml", "not well-formed"),
        (definitions(version="http://www.omg.org/spec/DMN/20180521/MODEL/"), "DMN 1.2"),
        (definitions(version="http://www.omg.org/spec/DMN/20151101/dmn.xsd"), "DMN 1.1"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "DOCTYPE"),
    ],
)
def test_other_files_are_refused(source: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=rf"wrong\.dmn.*{words}"):
        read_model(source, name="wrong.dmn")


def test_a_cell_that_does_not_compile_is_named_to_row_and_column() -> None:
    logic = table("UNIQUE", ["days"], ["level"], [["> 3", '"a"'], ["> > 3", '"b"']])
    with pytest.raises(Invalid) as caught:
        read(input_data("days"), decision("Escalate", logic, requires=["input:days"]))
    assert "test.dmn: decision 'Escalate' (id_Escalate), row 2, column 'days': `> > 3`" in str(caught.value)
    details = caught.value.details
    assert (details["file"], details["decision"], details["row"], details["column"]) == (
        "test.dmn", "id_Escalate", 2, "days",
    )


def test_an_output_that_does_not_compile_is_named_to_row_and_column() -> None:
    logic = table("UNIQUE", ["days"], ["level"], [["> 3", '"open']])
    with pytest.raises(Invalid, match="row 1, column 'level'"):
        read(input_data("days"), decision("Escalate", logic, requires=["input:days"]))


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        ('<decisionTable hitPolicy="LAST"><output/></decisionTable>', "no hit policy 'LAST'"),
        ('<decisionTable aggregation="SUM" hitPolicy="COLLECT"><output name="a"/><output name="b"/></decisionTable>',
         "one output column"),
        ("<decisionTable/>", "no output column"),
        ("<decisionTable><output/><output name='b'/></decisionTable>", "output column 1 has no name"),
        ("<decisionTable><output name='b'/><output name='b'/></decisionTable>", "two output columns"),
        ("<decisionTable><input/><output/></decisionTable>", "no input expression"),
        ("<decisionTable><output/><rule><inputEntry><text>1</text></inputEntry></rule></decisionTable>",
         "row 1: the row has 1 input cells and the table 0"),
    ],
)
def test_tables_that_make_no_sense_are_refused(logic: str, words: str) -> None:
    with pytest.raises(Invalid, match=f"decision 'D'.*{words}"):
        read(decision("D", logic))


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(Invalid, match="'id_D' is used twice"):
        read(decision("D", literal("1")), decision("D", literal("2")))


def test_a_decision_without_logic_is_null_and_says_so() -> None:
    result = ask(read(decision("D", "")), "D")
    assert result.value is None
    assert "no logic" in result.warnings[0].message


def test_read_leniently_a_bad_expression_is_null_with_a_warning() -> None:
    model = read(decision("D", literal("1 +")), decision("E", literal("1 + 1")), strict=False)
    assert ask(model, "D").value is None
    assert ask(model, "D").warnings
    assert ask(model, "E").value == Decimal(2)


def test_the_hit_policy_is_told() -> None:
    first = table("F", [], ["x"], []).replace('id="table"', "")
    model = read(
        decision("A", table("COLLECT SUM", [], ["x"], [])), decision("B", first), decision("C", literal("1"))
    )
    assert [model.decision(name).hit_policy for name in "ABC"] == ["COLLECT SUM", "FIRST", None]


def test_every_version_has_its_own_namespace() -> None:
    assert len(set(SPACES.values())) == len(SPACES)


def test_a_result_as_json_is_plain_data() -> None:
    rules = [["-", '{"due": date("2026-03-02"), "share": 0.5, "wait": duration("P1DT2H")}']]
    model = read(
        input_data("days"), input_data("kind"),
        decision("D", table("FIRST", ["days"], ["level"], rules), requires=["input:days", "input:kind"]),
    )
    answer = ask(model, "D", days=3).as_json()
    assert json.loads(json.dumps(answer)) == answer
    assert answer["result"] == {"due": "2026-03-02", "share": 0.5, "wait": "P1DT2H"}
    assert answer["matched"][0]["inputs"] == {"days": 3}
    assert answer["missing"] == ["kind"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("3.0"), 3), (Decimal("2.5"), 2.5), (date(2026, 3, 2), "2026-03-02"), (time(9, 30), "09:30:00"),
        (datetime(2026, 3, 2, 9, 30), "2026-03-02T09:30:00"),  # noqa: DTZ001 - a FEEL moment may be local
        (timedelta(0), "P0D"), (timedelta(days=-1, hours=-2), "-P1DT2H"),
        (timedelta(minutes=3, seconds=4.5), "PT3M4.5S"),
    ],
)
def test_json_of_single_values(value: object, expected: object) -> None:
    from engine.feel import to_feel

    assert jsonable(to_feel(value)) == expected
