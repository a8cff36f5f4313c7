import json
from datetime import date

import pytest

from engine.errors import Invalid
from web.__main__ import main
from web.cli import decide, model_files

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="File" namespace="https://example.org">
  <decision id="interval" name="Interval">
    <variable id="v" name="Interval"/>
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="i"><inputExpression id="e" typeRef="date"><text>held_on</text></inputExpression></input>
      <output id="o" name="weeks" typeRef="number"/>
      <rule id="late"><inputEntry id="a"><text>&gt; date("2026-06-01")</text></inputEntry>
        <outputEntry id="b"><text>WEEKS</text></outputEntry></rule>
      <rule id="other"><inputEntry id="c"><text>-</text></inputEntry>
        <outputEntry id="d"><text>6</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "interval.dmn"
    path.write_text(TABLE.replace("WEEKS", "12"))
    return path


EXAMPLES = "decision: interval\nexamples:\n  Late: {when: {held_on: 2026-06-04}, then: 13}\n"


def test_lint_of_a_rule_file_alone_tries_the_examples_beside_it(table, capsys):
    assert main(["lint", str(table)]) == 0
    table.with_name("interval.tests.yaml").write_text(EXAMPLES)
    assert main(["lint", str(table)]) == 1
    assert "interval.tests.yaml:Late: expected 13, got 12" in capsys.readouterr().out
    table.with_name("interval.tests.yaml").write_text(EXAMPLES.replace("13", "12"))
    assert main(["lint", str(table)]) == 0


def test_lint_of_a_rule_file_alone_takes_the_time_limits_beside_it_and_says_nothing_of_them(table, capsys):
    table.write_text(TABLE.replace("WEEKS", 'time limit("weeks")'))
    table.with_name("interval.tests.yaml").write_text(EXAMPLES)
    table.with_name("timescales.dmn").write_text(_limit())
    assert main(["lint", str(table), "--tables"]) == 0
    said = capsys.readouterr().out
    assert "timescales" not in said and "interval.dmn:interval: FIRST, 2 rows" in said


def _limit():
    whole = TABLE.replace('id="interval" name="Interval"', 'id="timescales" name="timescales"').replace(
        'id="file"', 'id="limits"')
    return whole.replace("held_on", "limit").replace('date("2026-06-01")', '"a"').replace("WEEKS", "13").replace(
        'typeRef="date"', 'typeRef="string"')


def test_it_prints_the_result_and_the_rows_that_matched(table, capsys):
    assert main(["decide", str(table), "interval", "--input", '{"held_on": "2026-06-04"}']) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["result"] == 12
    assert [row["rule"] for row in said["matched"]] == ["late"]
    assert said["matched"][0]["inputs"] == {"held_on": "2026-06-04"}


def test_time_limits_come_from_the_table_beside_the_file(table, capsys):
    table.write_text(TABLE.replace("WEEKS", 'time limit("review")'))
    limits = TABLE.replace('id="interval"', 'id="timescales"').replace("held_on", "limit").replace("date(", "string(")
    limits = limits.replace('typeRef="date"', "").replace('&gt; string("2026-06-01")', '"review"').replace("WEEKS", "8")
    table.with_name("timescales.dmn").write_text(limits)
    assert main(["decide", str(table), "Interval", "--input", '{"held_on": "2026-06-04"}']) == 0
    assert json.loads(capsys.readouterr().out)["result"] == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{table}", "nobody"], "no decision 'nobody'"),
        (["{table}.dmn", "x"], "no such file"),
        (["{table}", "interval", "--input", "{"], "--input: this cannot be read as JSON"),
        (["{table}", "interval", "--input", "[1]"], "--input must be a JSON object"),
        (["{table}", "interval", "--input", '{"held_on": "2026-02-30"}'], "2026-02-30 is not a real date"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_1(table, capsys, arguments, said):
    assert main(["decide", *(each.replace("{table}", str(table)) for each in arguments)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_dates_inside_lists_and_objects_are_dates():
    assert decide._dated({"a": ["2026-06-04", "x"]}) == {"a": [date(2026, 6, 4), "x"]}


def test_a_folder_gives_every_model_below_it(tmp_path):
    (tmp_path / "forms").mkdir()
    for name in ("a.bpmn", "forms/b.form", "notes.txt"):
        (tmp_path / name).write_text(name)
    assert model_files.read_files([str(tmp_path)]) == {"a.bpmn": b"a.bpmn", "b.form": b"forms/b.form"}


@pytest.mark.parametrize("path", ["empty", "notes.txt", "absent.bpmn"])
def test_paths_that_hold_no_model_are_refused_by_name(tmp_path, path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(Invalid, match=path):
        model_files.read_files([str(tmp_path / path)])


def test_two_files_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.dmn").write_text("x")
    with pytest.raises(Invalid, match=r"x\.dmn"):
        model_files.read_files([str(tmp_path)])


def test_inputs_that_are_not_given_are_named_in_one_line(table, capsys):
    assert main(["decide", str(table), "interval"]) == 0
    said = capsys.readouterr()
    assert said.err == "caf decide: not given, so taken as null: held_on\n"
    told = json.loads(said.out)
    assert told["warnings"] == []
    assert told["matched"][0]["inputs"] == {}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("held_on * held_on", 5_000_000_000**2),
        ("-held_on * 10000000000", -5 * 10**19),
        ("1e30", 10**30),
        ("1e100", 1e100),
        ("1e5000", "1E+5000"),
    ],
)
def test_a_whole_number_of_more_than_64_bits_is_printed_as_the_api_says_it(table, capsys, answer, expected):
    table.write_text(
        TABLE.replace("WEEKS", answer).replace('&gt; date("2026-06-01")', "-").replace(' typeRef="date"', "")
    )
    assert main(["decide", str(table), "interval", "--input", '{"held_on": 5000000000}']) == 0
    assert json.loads(capsys.readouterr().out)["result"] == expected


def test_words_are_printed_as_they_are_written(table, capsys):
    table.write_text(TABLE.replace("WEEKS", '"zoë"').replace(' typeRef="number"', ""))
    assert main(["decide", str(table), "interval", "--input", '{"held_on": "2026-06-04"}']) == 0
    assert '"result": "zoë"' in capsys.readouterr().out


def test_an_input_that_the_decision_does_not_know_is_told_with_the_likely_one(table, capsys):
    assert main(["decide", str(table), "interval", "--input", '{"held_onn": "2026-06-04", "moon": 1}']) == 0
    said = capsys.readouterr().err.splitlines()
    assert "caf decide: held_onn is no input of the decision; did you mean held_on?" in said
    assert "caf decide: moon is no input of the decision; it asks for: held_on" in said


def test_inputs_that_the_decision_knows_are_not_remarked_on(table, capsys):
    assert main(["decide", str(table), "interval", "--input", '{"held_on": "2026-06-04"}']) == 0
    assert capsys.readouterr().err == ""


def test_explained_in_plain_words(tmp_path, capsys):
    from tests.unit.web.service import model_files

    for name in ("escalation.dmn", "timescales.dmn"):
        (tmp_path / name).write_bytes(model_files()[name])
    asked = '{"closed": false, "plan_agreed": true, "review_overdue_days": 12, "next_review_on": "2001-01-01"}'
    assert main(["decide", str(tmp_path / "escalation.dmn"), "escalation", "--explain", "--input", asked]) == 0
    said = capsys.readouterr().out
    assert "Because: Review overdue: 12 working days, more than 10, the limit here: row 8, " in said
    assert " of escalation.dmn (DMN 1.3; its SHA-256 begins " in said
    assert "Given: review_overdue_days = 12\n" in said
    assert "Not given: " in said


IMPORT = '<import name="lib" namespace="https://example.org/base" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
NEEDS = '<informationRequirement id="n"><requiredDecision href="https://example.org/base#interval"/></informationRequirement>'


@pytest.fixture
def importing(table):
    """Give a rule file that asks the decision of another, `base.dmn`, which lies beside it."""
    base = table.read_text().replace('id="file"', 'id="base"').replace("example.org", "example.org/base")
    table.with_name("base.dmn").write_text(base)
    path = table.with_name("importing.dmn")
    text = TABLE.replace('id="interval" name="Interval"', 'id="longer" name="Longer"')
    text = text.replace('id="v" name="Interval"', 'id="v" name="Longer"').replace("WEEKS", "lib.Interval + 1")
    text = text.replace("<decision id", f"{IMPORT}<decision id").replace("<decisionTable", f"{NEEDS}<decisionTable")
    path.write_text(text)
    table.unlink()
    return path


def test_a_rule_file_alone_is_decided_and_checked_with_the_files_it_imports_beside_it(importing, capsys):
    asked = ["decide", str(importing), "longer", "--input", '{"held_on": "2026-06-04"}']
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["result"] == 13
    assert main([*asked, "--explain"]) == 0
    assert "Answer: 13" in capsys.readouterr().out
    importing.with_name("importing.tests.yaml").write_text(EXAMPLES.replace("interval", "longer"))
    assert main(["decide", str(importing), "--examples"]) == 0
    assert main(["lint", str(importing), "--tables"]) == 0
    said = capsys.readouterr().out
    assert "importing.dmn:longer: FIRST" in said and "base.dmn" not in said
    assert main(["lint", str(importing.parent)]) == 0
    importing.with_name("base.dmn").unlink()
    assert main(["lint", str(importing)]) == 1
    said = capsys.readouterr().out
    assert "importing.dmn:lib: the import 'lib' names the namespace 'https://example.org/base'" in said
    assert main(asked) == 1
    assert "add the file that has it" in capsys.readouterr().err
