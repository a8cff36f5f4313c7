"""Examples put to rules when files are checked: by `caf lint`, and against what is in force when deploying."""

from __future__ import annotations

from importlib.resources import files

from engine.checking import Checked, Known, check
from engine.dmn import read_model
from engine.dmn.example_file import read_examples
from engine.rule_files import FileHost
from tests.small_files import escalation, rules, timescales
from tests.worlds import shipped_models

ROWS = [["> 10", '"manager"'], ["-", '"lead"']]
LATE = rules("late", ["days"], ["who"], ROWS)
LATER = rules("late", ["days"], ["who"], [["> 12", '"manager"'], ["-", '"lead"']])
EXAMPLES = b"""decision: late
examples:
  Eleven days: {when: {days: 11}, then: manager}
  A day: {when: {days: 1}, then: lead}
"""
UNKEPT = (
    'late.tests.yaml:Eleven days: expected "manager", got "lead"; row 2 (rule_2) matched: it asks nothing; '
    "mend the rules, or the example where it is the rule that is meant to change; "
    "left so, whoever approves it has to say why"
)


def in_force(rules_file: bytes = LATE, examples: bytes = EXAMPLES) -> Known:
    model = read_model(rules_file, name="late.dmn")
    known = {"late": read_examples(examples, name="late.tests.yaml")}
    return Known(rules={model.key: model}, decisions={"late": model.key}, examples=known)


def said(checked: Checked) -> list[str]:
    assert set(checked.unkept) <= set(checked.errors)
    return [str(finding) for finding in checked.findings]


def test_examples_that_are_kept_are_not_spoken_of() -> None:
    assert said(check({"late.dmn": LATE, "late.tests.yaml": EXAMPLES})) == []


def test_an_example_that_is_not_kept_refuses_the_files() -> None:
    checked = check({"late.dmn": LATER, "late.tests.yaml": EXAMPLES})
    assert str(checked.unkept[0]) == UNKEPT
    assert len(checked.errors) == 1


def test_a_row_that_no_example_reaches_is_a_notice() -> None:
    examples = b"decision: late\nexamples: {A day: {when: {days: 1}, then: lead}}"
    checked = check({"late.dmn": LATE, "late.tests.yaml": examples})
    assert checked.errors == ()
    assert said(checked) == ["late.tests.yaml:late: no example reaches the row rule_1; add an example for each"]


def test_the_examples_in_force_are_put_to_new_rules() -> None:
    checked = check({"late.dmn": LATER}, in_force())
    assert str(checked.unkept[0]) == UNKEPT
    assert check({"late.dmn": LATER}, Known()).errors == ()


def test_new_examples_are_put_to_the_rules_in_force_and_take_the_place_of_the_old() -> None:
    softer = EXAMPLES.replace(b"Eleven days: {when: {days: 11}", b"Thirteen days: {when: {days: 13}")
    assert check({"late.dmn": LATER, "late.tests.yaml": softer}, in_force()).errors == ()
    assert check({"late.tests.yaml": EXAMPLES}, in_force(LATER, softer)).unkept != ()


def test_what_the_rules_in_force_do_not_keep_either_stops_nothing_new() -> None:
    checked = check({"late.dmn": rules("late", ["days"], ["who"], [["> 14", '"boss"'], *ROWS[1:]])}, in_force(LATER))
    assert checked.errors == ()
    assert "the rules in force do not keep it either" in said(checked)[0]


def test_a_changed_limit_is_put_to_the_examples_of_other_rules() -> None:
    limited = rules("late", ["days"], ["who"], [['> time limit("late_days")', '"manager"'], *ROWS[1:]])
    known = in_force(LATE)
    files = {"late.dmn": limited, "late.tests.yaml": EXAMPLES, "timescales.dmn": timescales(late_days=10)}
    assert check(files).errors == ()
    assert len(check(files | {"timescales.dmn": timescales(late_days=11)}, known).unkept) == 1
    (missing,) = (each for each in check({name: files[name] for name in ("late.dmn", "late.tests.yaml")}).unkept[:1])
    assert "there is no limit called 'late_days'" in missing.what


def test_a_file_that_cannot_be_read_or_speaks_of_nothing_is_refused_for_good() -> None:
    for text, told in (
        (b"decision: late\nexamples: {A: {then: 1, rwos: []}}", "late.tests.yaml:A: "),
        (b"decision: early\nexamples: {A: {then: 1}}", "no rules file holds the decision 'early'"),
        (b"decision: late\nexamples: {A: {when: {day: 1}, then: lead}}", "'day' is no input"),
        (b"a: [", "cannot be read as YAML"),
    ):
        checked = check({"late.dmn": LATE, "late.tests.yaml": text})
        assert told in said(checked)[0]
        assert checked.unkept == () and checked.errors != ()


def test_two_files_of_examples_for_one_decision_are_refused() -> None:
    checked = check({"late.dmn": LATE, "late.tests.yaml": EXAMPLES, "more.tests.yaml": EXAMPLES})
    assert "late.tests.yaml holds a file of examples with the same id" in str(checked.errors[0])


def test_without_rules_among_the_files_examples_go_unchecked() -> None:
    assert check({"late.tests.yaml": EXAMPLES}).findings == ()
    assert "no rules file holds" in said(check({"late.tests.yaml": EXAMPLES}, Known()))[0]


def test_a_host_from_files_gives_the_limits_of_the_table_and_those_it_is_told() -> None:
    model = read_model(shipped_models()["timescales.dmn"], name="timescales.dmn")
    host = FileHost(model, "sefton", {"review_manager_days": 4})
    assert (host.time_limit("review_manager_days"), host.time_limit("consent_days")) == (4, 5)
    assert FileHost(None).time_limit("consent_days") is None
    assert host.fixed_key != FileHost(model, "sefton", {"review_manager_days": 4}).fixed_key
    assert host.fixed_key != FileHost(model, "sefton", {}, host.calendar, host.asker).fixed_key


def test_a_table_with_two_rows_for_one_input_is_refused_and_other_oddities_are_told() -> None:
    clash = rules("t", ["days"], ["who"], [["<= 5", '"a"'], [">= 5", '"b"']], policy="UNIQUE")
    checked = check({"t.dmn": clash})
    (error,) = map(str, checked.errors)
    assert error.startswith("t.dmn:t: rows 1 (rule_1) and 2 (rule_2) both match days = 5, and UNIQUE allows one; ")
    hidden = rules("t", ["days"], ["who"], [["-", '"a"'], [">= 5", '"b"']])
    assert check({"t.dmn": hidden}).errors == ()
    assert "row 2 (rule_2) never counts" in said(check({"t.dmn": hidden}))[0]


def test_time_limits_are_numbers_to_a_table_where_they_are_known() -> None:
    cells = ['< time limit("late_days")', '> time limit("late_days")']
    files = {"t.dmn": rules("t", ["days"], ["who"], [[cell, '"a"'] for cell in cells], policy="UNIQUE")}
    assert said(check(files)) == []
    (told,) = said(check(files | {"timescales.dmn": timescales(late_days=10)}))
    assert told.startswith("t.dmn:t: no row covers days = 10; add a row for it")


def test_a_fact_that_escalation_rules_ask_for_by_a_wrong_name_refuses_them() -> None:
    row = ("> 20", "silent", "remind", "lead_professional", "")
    slip = check({"escalation.dmn": escalation(row, inputs=("days_slient",))})
    assert said(slip) == ["escalation.dmn:escalation: nothing is called days_slient; did you mean days_silent?"]
    assert slip.errors
    in_a_cell = check({"escalation.dmn": escalation(("> days_slient", *row[1:]))})
    assert [each.what for each in in_a_cell.errors] == ["nothing is called days_slient"]
    assert check({"escalation.dmn": escalation(row)}).errors == ()


DECLARED = "is no fact of a case; declare it as input data, if whoever asks gives it"


def test_names_of_decisions_that_no_diagram_asks_are_checked_too() -> None:
    engines = check({"r.dmn": rules("task_routing", ["days_awy"], ["ask"], [["> 5", '"group"'], ["-", '"same"']])})
    assert said(engines) == ["r.dmn:task_routing: nothing is called days_awy; did you mean days_away?"]
    own = rules("own", ["days_slient", "colour"], ["who"], [["> 5", "-", '"a"'], ["-", "-", '"b"']])
    diagram = (files("processes") / "pause.bpmn").read_bytes()
    assert said(check({"own.dmn": own})) == [], "a diagram that is not at hand may ask it"
    found = check({"own.dmn": own, "pause.bpmn": diagram}).findings
    assert [str(each) for each in found if each.file == "own.dmn"] == [
        f"own.dmn:own: no diagram asks this decision, and colour {DECLARED}",
        "own.dmn:own: no diagram asks this decision, and days_slient is no fact of a case; did you mean days_silent?",
    ]


def test_a_time_limit_that_is_not_there_is_told_at_its_cell_and_not_under_every_example() -> None:
    asked = rules("late", ["days"], ["who"], [['> time limit("reveiw_days")', '"manager"'], ["-", '"lead"']])
    files = {"late.dmn": asked, "late.tests.yaml": EXAMPLES, "timescales.dmn": timescales(review_days=10)}
    checked = check(files)
    assert [str(finding) for finding in checked.errors] == [
        "late.dmn:rule_1: column 'days': there is no time limit 'reveiw_days'; write 'review_days'"
    ]
    assert "late.tests.yaml:late: 2 of the examples cannot be kept while" in " ".join(said(checked))
    assert not checked.unkept
    mended = asked.replace(b"reveiw", b"review")
    assert check({**files, "late.dmn": mended}).findings == ()


def test_a_limit_typed_as_a_number_is_told_where_its_source_or_the_rows_beside_it_say_otherwise() -> None:
    rows = [['> time limit("review_days")', '"manager"'], ["> 12", '"coordinator"'], ["-", '"lead"']]
    late = rules("late", ["days"], ["who"], rows, policy="COLLECT")
    files = {"late.dmn": late, "timescales.dmn": timescales(review_days=10)}
    (told,) = said(check(files))
    assert told.startswith("late.dmn:rule_2: column 'days' has the limit 12 typed in, while other rows of the column")
    assert check(files).errors == ()
    same = {**files, "late.dmn": files["late.dmn"].replace(b"12", b"10")}
    assert said(check(same)) == []
    says = b'<rule id="rule_2"><description>Sefton: within 4 to 8 weeks.</description>'
    sourced = {**files, "late.dmn": same["late.dmn"].replace(b'<rule id="rule_2">', says)}
    (told,) = said(check(sourced))
    assert "the limit 10 typed in, while its source says 4 and 8;" in told


def test_a_file_that_is_refused_is_not_also_told_to_be_missing() -> None:
    broken = {"late.dmn": LATE.replace(b"&gt; 10", b"&gt; "), "late.tests.yaml": EXAMPLES}
    (only,) = check(broken).errors
    assert only.file == "late.dmn"
