"""`caf whatif` and `caf revert`: what they print, as text and JSON, and one clear line for what is wrong."""

import json
from datetime import date

import pytest

from engine.commands import cases, setup
from engine.commands.sessions import sign_in
from engine.queries import sessions
from tests.database.test_escalation_sweep import IDLE
from tests.small_files import escalation
from tests.unit.web.service import PASSWORD, PEOPLE
from web.__main__ import main
from web.cli.opening import authority, opened
from web.cli.parser import build_parser

RULES = escalation((">= 90", "late", "remind", "assessor", ""))
SOONER = escalation((">= 0", "late", "line_manager", "assessor", ""))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with an authority, one open case, and rules in force that say nothing of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAF_FOLDER", "var")
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    (tmp_path / "escalation.dmn").write_bytes(RULES)
    (tmp_path / "idle.bpmn").write_bytes(IDLE)
    assert main(["init"]) == 0
    assert main(["deploy", "escalation.dmn", "idle.bpmn"]) == 0
    with opened(build_parser().parse_args(["verify"])) as engine:
        setup.add_people(engine, authority_id=authority(engine, None), new=PEOPLE)
        actor = sessions.actor_of(engine, sign_in(engine, username="amara", password=PASSWORD).token)
        child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
        cases.start(engine, actor=actor, child=child, process_key="idle")
    (tmp_path / "escalation.dmn").write_bytes(SOONER)
    return tmp_path


@pytest.fixture
def said(capsys):
    """Give a function that runs a command and returns (status, standard output, standard error)."""

    def run(*arguments):
        capsys.readouterr()
        status = main(arguments)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_counts_by_kind_level_and_row_and_then_each_case_by_its_reference(folder, said):
    status, out, err = said("whatif", "escalation.dmn")
    assert status == 0
    assert "Tried out: escalation.dmn, on 1 open cases of Northcombe Council, now" in out
    assert "Compared with: escalation.dmn version 1." in out
    lines = [line.split() for line in out.splitlines()]
    assert "      1  newly escalating: nothing is said of them now" in out
    assert "      0  escalating less, 0 of them not at all any more" in out
    assert ["line_manager", "0", "1", "1", "0"] in lines
    assert ["1", "new", "late", "line_manager", "1"] in lines
    assert any(line[1:] == "newly escalates, row 1, line_manager: Because late.".split() for line in lines)
    assert "Whitlock" not in out
    assert "Sam" not in out
    assert err.splitlines()[-1] == "caf whatif: 1 of 1 cases"


def test_json_says_the_same_as_the_api(folder, said):
    _, out, _ = said("whatif", "escalation.dmn", "--json")
    told = json.loads(out)
    assert (told["trial"]["figures"]["new"], told["trial"]["past"], told["sees_cases"]) == (1, False, True)
    (case,) = told["cases"]
    assert (case["kind"], case["now"], case["draft"]["row"]) == ("new", None, "1")
    assert case["reference"].startswith("CAF-")


def test_a_past_day_before_anything_was_recorded_has_no_case(folder, said):
    _, out, _ = said("whatif", "escalation.dmn", "--on", "2020-01-31")
    assert "on 0 open cases" in out
    assert "as they stood at the end of 31 January 2020" in out
    assert "Nothing would be different for any case." in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nowhere.dmn",), "nowhere.dmn: there is no such file"),
        (("escalation.dmn", "--on", "soon"), "--on: soon is not a day"),
        (("escalation.dmn", "--on", "2099-01-01"), "2099-01-01 is still to come"),
        (("escalation.dmn", "--authority", "elsewhere"), "there is no authority elsewhere"),
        (("idle.bpmn",), "only rules"),
    ],
)
def test_one_clear_line_for_what_is_wrong(folder, said, arguments, line):
    status, out, err = said("whatif", *arguments)
    assert (status, out) == (1, "")
    assert err.startswith("caf whatif: ")
    assert len(err.splitlines()) == 1
    assert line in err


def test_a_file_that_could_not_be_deployed_is_listed_first(folder, said):
    (folder / "escalation.dmn").write_bytes(SOONER.replace(b'"line_manager"', b'"shouting"'))
    status, _, err = said("whatif", "escalation.dmn")
    assert status == 1
    assert err.splitlines()[0].startswith("escalation.dmn:escalation: row 1, column 'level'")
    assert err.splitlines()[-1] == "caf whatif: nothing was tried out; mend what is listed above first"


def test_publishing_asks_why_and_going_back_is_one_command(folder, said):
    status, _, err = said("deploy", "escalation.dmn")
    assert (status, err) == (1, "caf deploy: nothing was deployed; say why the rules change: --reason 'WHY'\n")
    assert said("deploy", "escalation.dmn", "--reason", "Sooner")[1] == "rules escalation_rules version 2\n"
    assert said("revert", "escalation", "--reason", "Later")[1] == "rules escalation_rules version 3\n"
    status, _, err = said("revert", "escalation", "--to", "1", "--reason", "Again")
    assert (status, err) == (1, "caf revert: The text of version 1 of escalation.dmn is in force already\n")
    assert "Nothing called 'x'" in said("revert", "x", "--reason", "y")[2]


def test_examples_beside_a_rule_file_come_along_and_those_not_kept_are_one_line(folder, said):
    asked = "{when: {days_silent: 0}, then: []}"
    examples = f"decision: escalation\nexamples:\n  At first: {asked}\n  Again: {asked}\n"
    (folder / "escalation.tests.yaml").write_text(examples)
    notes = [line for line in said("whatif", "escalation.dmn")[1].splitlines() if line.startswith("Note: ")]
    assert len(notes) == 1, notes
    assert notes[0].startswith("Note: 2 examples come to something else, so these files cannot be deployed")
    status, _, err = said("deploy", "escalation.dmn", "--reason", "Sooner")
    assert status == 1
    assert "escalation.tests.yaml:At first" in err


def test_a_release_is_taken_back_by_a_designer_who_is_named(folder, said):
    said("deploy", "escalation.dmn", "--reason", "Sooner")
    with pytest.raises(SystemExit):
        said("take-back", "escalation.dmn", "--reason", "Too soon")
    for key, who, line in (
        ("escalation.dmn", "nobody", "nobody"), ("escalation.dmn", "amara", "rocess designer"), ("x", "amara", "'x'")
    ):  # fmt: skip
        status, out, err = said("take-back", key, "--by", who, "--reason", "Too soon")
        assert (status, out) == (1, "") and line in err
