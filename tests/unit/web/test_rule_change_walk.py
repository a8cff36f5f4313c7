"""A threshold changes, as the README tells a new designer: examples, the caseload, publishing, and the next morning."""

import re
import shutil

import pytest

from engine.demo import load
from tests.unit.web.service import ROOT, Visitor
from web import create_app
from web.__main__ import main
from web.cli.opening import authority, opened
from web.cli.parser import build_parser

CELL, SOONER = 'time limit("silence_remind_days")', "5"
EXAMPLE, MENDED = "for each: {days_silent: [0, 19]}", "for each: {days_silent: [0, 4]}"


@pytest.fixture
def caf(tmp_path, monkeypatch, capsys):
    """Give the command line on a folder of its own, with the shipped models deployed and a small demo in it.

    The scenarios are left out, as playing them all before each of five deployments shows nothing of this walk.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAF_FOLDER", "var")
    monkeypatch.setenv("LOGNAME", "the-operator")
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    shutil.copytree(ROOT / "rules", "rules")

    def run(*arguments, status=0):
        assert main(arguments) == status, capsys.readouterr()
        return "".join(capsys.readouterr())

    run("init")
    run("deploy", *map(str, (ROOT / "processes").glob("*.bpmn")), str(ROOT / "processes" / "forms"), "rules")
    options = build_parser().parse_args(["verify"])
    with opened(options) as engine:
        assert load(engine, authority_id=authority(engine, None), cases=14, days=100)
    return run


def rewrite(path, was, new):
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, new))


def test_from_the_threshold_to_the_reason_on_a_case_page_the_next_morning(caf, tmp_path):
    rules, examples = tmp_path / "rules" / "escalation.dmn", tmp_path / "rules" / "escalation.tests.yaml"
    rewrite(rules, CELL, SOONER)
    assert "News came lately enough" in caf("decide", "rules/escalation.dmn", "--examples", status=1)
    caf("deploy", "rules", "--reason", "Too early", status=1)
    (line,) = re.findall(r"^Note: .*cannot be deployed.*$", caf("whatif", "rules/escalation.dmn"), re.MULTILINE)
    assert re.match(r"Note: \d+ examples? comes? to something else, so these files cannot be deployed", line)
    rewrite(examples, EXAMPLE, MENDED)
    assert "all kept" in caf("decide", "rules/escalation.dmn", "--examples")

    said = caf("whatif", "rules/escalation.dmn")
    assert "to something else" not in said, "the examples beside it came along"
    kind = r"(?:newly escalates|a further reason), row 26a[^:]*"
    newly = re.findall(rf"^(CAF-\S+)  {kind}: There has been no news for", said, re.MULTILINE)
    assert newly
    first, more = (int(re.search(rf"^ +(\d+)  {words}", said, re.MULTILINE)[1]) for words in (
        "newly escalating", "escalating for a further reason"))  # fmt: skip
    assert first + more == len(newly)

    assert "--reason" in caf("deploy", "rules", status=1)
    told = caf("deploy", "rules", "--reason", "Families told us", "--by", "hana", status=1)
    assert "Only a process designer" in told
    assert "'nobody'" in caf("deploy", "rules", "--reason", "Families told us", "--by", "nobody", status=1)
    told = caf("deploy", "rules", "--reason", "Families told us", "--by", "Petra")
    assert "rules definitions_escalation version 2" in told
    caf("tick", "--now", "+1d", "--rehearse", "trial.db")
    with opened(build_parser().parse_args(["verify", "--database", "sqlite:///trial.db"])) as engine:
        coordinator = Visitor(create_app(engine).test_client())
        coordinator.sign_in("carys", "try-it-out")
        pages = pages_by_reference(coordinator)
        told = [reference for reference in newly if "There has been no news for" in pages[reference]]
        assert told == newly
        designer = Visitor(create_app(engine).test_client())
        designer.sign_in("petra", "try-it-out")
        link = re.search(r'href="(/definitions/[0-9a-f-]{36})">Escalation<', designer.get("/definitions")).group(1)
        designer.get(link)
        assert designer.says(", Petra ", ", on the command line as the-operator")
        assert designer.says("Families told us", f"{first} newly escalating, {more} for a further reason")

    caf("take-back", "escalation", "--reason", "Too many letters", "--by", "petra")
    assert "Nothing would be different" in caf("whatif", str(ROOT / "rules" / "escalation.dmn"))


def pages_by_reference(visitor):
    """Return the page of every case by its reference."""
    links = re.findall(r'href="(/cases/[0-9a-f-]{36})"', visitor.get("/cases"))
    pages = [visitor.get(link) for link in dict.fromkeys(links)]
    return {re.search(r"CAF-\w+-\w+", page).group(): page for page in pages}
