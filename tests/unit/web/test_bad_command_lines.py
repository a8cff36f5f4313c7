"""What cannot be done is one clear line, an exit status that is not 0, and nothing new on the disk."""

import os
import re
import subprocess
import sys

import pytest

from tests.unit.web.service import ROOT
from web.__main__ import main

NO_DATABASE = "there is no such database. Run `caf init` first"
TABLE = str(ROOT / "rules" / "escalation.dmn")


@pytest.fixture
def caf(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAF_FOLDER", raising=False)
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)

    def run(*words):
        try:
            status = main(list(words))
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def there(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        ["verify"], ["verify", "--anchor", "0" * 64], ["tick"], ["tick", "--now", "+9d"], ["demo"], ["serve"],
        ["tick", "--now", "+9d", "--rehearse", "trial.db"], ["backup", "copy"], ["deploy", str(ROOT / "rules")],
        ["verify", "--database", "sqlite:///elsewhere/caf.db"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_database_none_is_made(caf, tmp_path, words):
    status, said, error = caf(*words)
    assert (status, said) == (1, "")
    assert error.count("\n") == 1
    assert NO_DATABASE in error
    assert there(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["init", "--authority", "Hill Shire"], "small letters"),
        (["init", "--zone", "Mars/North"], "no time zone 'Mars/North'"),
        (["init", "--people", "nosuch.csv"], "nosuch.csv: No such file"),
        (["init", "--profile", "nosuch.json"], "nosuch.json: No such file"),
        (["init", "--profile", TABLE], "cannot be read as JSON"),
        (["init", "--database", "mysql://x/y"], "SQLite or PostgreSQL, not mysql"),
        (["restore", "nosuch"], "nosuch: there is no such file"),
        (["restore", TABLE], "not a whole backup"),
        (["restore", TABLE, "--database", "nonsense"], "database address cannot be read"),
        (["restore", TABLE, "--database", "mysql://x/y"], "SQLite or PostgreSQL, not mysql"),
        (["deploy", "nosuch"], "nosuch: there is no such file or folder"),
        (["lint", "nosuch"], "nosuch: there is no such file or folder"),
        (["lint", "/dev/null"], "/dev/null: this is no file that can be read; name a .bpmn, .dmn, .form"),
        (["decide", "/dev/null", "x"], "/dev/null: this is no file that can be read; name a .dmn file"),
        (["restore", "/dev/null"], "/dev/null: this is no file that can be read"),
        (["lint", str(ROOT / "README.md")], "not a .bpmn, .dmn, .form, .tests.yaml or .scenario.yaml file"),
        (["verify", "--anchor", "zzz"], "zzz is no anchor"),
        (["tick", "--rehearse", "trial.db"], "--rehearse needs --now"),
        (["decide", "nosuch.dmn", "x"], "nosuch.dmn: there is no such file"),
        (["decide", str(ROOT / "README.md"), "x"], "not well-formed XML"),
        (["decide", TABLE, "x"], "no decision 'x'"),
        (["decide", TABLE, "escalation", "--input", "{"], "--input: this cannot be read as JSON"),
        (["decide", TABLE, "escalation", "--input", "7"], "--input must be a JSON object"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(caf, tmp_path, words, why):
    status, said, error = caf(*words)
    assert (status, said) == (1, "")
    assert why in error
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert [name for name in there(tmp_path) if name != "var/secret"] == []


@pytest.mark.parametrize(
    "words",
    [["verify", "--database", ""], ["deploy", ""], ["backup", ""], ["serve", "--host", ""], ["init", "--name", " "],
     ["init", "--nation", "france"], ["serve", "--port", "x"], ["serve", "--workers", "0"], ["tick", "--when", "x"],
     ["tick", "--now"], ["serve", "--port", "-3"], ["verify", "--read-only", "-3"]],
    ids=" ".join,
)
def test_misuse_leaves_nothing(caf, tmp_path, words):
    status, said, error = caf(*words)
    assert (status, said) == (2, "")
    assert re.fullmatch("caf( [a-z]+)?: error: .+; see caf( [a-z]+)? --help\\n", error)
    assert there(tmp_path) == {}


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("zzz", "zzz is not a day"),
        ("", "is not a day"),
        ("2027-02-30", "2027-02-30 is not a day"),
        ("2026-01-01", "2026-01-01 is past"),
        ("0001-01-01T00:00+12:00", "is past"),
        ("-3d", "-3d is past; time passes forwards only, as +90d"),
        ("-3", "-3 is not a day"),
        ("+0d", "+0d lets no time pass; write +1d or more"),
        ("9999-12-31T23:59:59-12:00", "more than ten years"),
        ("+99999d", "more than ten years"),
        ("+90d", "tick --now +90d --rehearse trial.db"),
    ],
)
def test_the_clock_of_the_record_itself_is_not_moved(caf, tmp_path, when, why):
    caf("init")
    before = there(tmp_path)
    status, said, error = caf("tick", "--now", when)
    assert (status, said) == (1, "")
    assert why in error
    assert error.count("\n") == 1
    assert there(tmp_path) == before


def test_of_very_many_findings_the_first_of_each_file_are_told(caf, tmp_path):
    nodes = "".join(f'<userTask id="t{number}"/>' for number in range(1_990))
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    process = f'<process id="p" isExecutable="true"><startEvent id="s"/>{nodes}</process>'
    (tmp_path / "a.bpmn").write_text(f'<definitions xmlns="{space}" targetNamespace="t">{process}</definitions>')
    status, said, _ = caf("lint", str(tmp_path / "a.bpmn"))
    *told, last = said.splitlines()
    assert status == 1
    assert len(told) == 50 and all(line.startswith("a.bpmn:") for line in told)
    assert re.fullmatch(r"a\.bpmn: [0-9,]+ more like these are not listed; mend these first", last)


def test_a_copy_needs_a_folder_that_is_there(caf, tmp_path):
    caf("init")
    before = there(tmp_path)
    for words in (["backup", "nosuch/copy"], ["tick", "--now", "+9d", "--rehearse", "nosuch/trial.db"]):
        status, said, error = caf(*words)
        assert (status, said) == (1, "")
        assert "there is no folder nosuch" in error
    assert there(tmp_path) == before


def test_a_rehearsal_is_not_written_over_another_file(caf, tmp_path):
    caf("init")
    (tmp_path / "trial.db").write_text("mine")
    status, _, error = caf("tick", "--now", "+9d", "--rehearse", "trial.db")
    assert status == 1
    assert "trial.db is there already" in error
    assert (tmp_path / "trial.db").read_text() == "mine"


def test_the_demo_says_what_it_needs_and_adds_nobody(caf):
    caf("init")
    status, _, error = caf("demo")
    assert status == 1
    assert "run `caf deploy processes rules` first" in error
    assert "in 1 cases" in caf("verify")[1]


def test_output_that_nobody_reads_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "web", "decide", TABLE, "escalation"]
    ended = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr and "BrokenPipe" not in ended.stderr


CALLING = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <process id="ID" isExecutable="true"><startEvent id="s"/><callActivity id="call" calledElement="CALLED"/>
    <endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="call"/>
    <sequenceFlow id="g" sourceRef="call" targetRef="e"/></process></definitions>"""


def test_a_called_diagram_that_is_missing_is_found_among_several_and_said_of_one_alone(caf, tmp_path):
    for own, called in (("inner", "nosuch"), ("outer", "inner")):
        (tmp_path / f"{own}.bpmn").write_text(CALLING.replace("ID", own).replace("CALLED", called))
    status, said, _ = caf("lint", str(tmp_path))
    assert status == 1 and "there is no process 'nosuch'" in said and "not looked up" not in said
    status, said, _ = caf("lint", str(tmp_path / "inner.bpmn"))
    assert status == 0
    assert said.splitlines()[-1] == "inner.bpmn: its called diagrams were not given, so not looked up"
    _, said, _ = caf("lint", str(ROOT / "processes" / "caf_episode.bpmn"))
    assert "caf_episode.bpmn: its forms and called diagrams were not given, so not looked up" in said


def test_a_decision_that_is_not_there_is_answered_with_those_that_are(caf):
    status, _, error = caf("decide", TABLE, "nosuch")
    assert status == 1 and "there is no decision 'nosuch'; it holds: " in error and "escalation" in error
