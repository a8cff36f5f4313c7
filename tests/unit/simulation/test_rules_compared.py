"""`caf simulate --rules`: the same caseload by the shipped rules and by a draft, and what differs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from engine.queries.simulated_load import Timed
from engine.simulation import Comparison, Played
from web.__main__ import main
from web.cli.simulate import with_draft

RULES = Path(__file__).parents[3] / "rules"
CELL = 'time limit("silence_remind_days")'
SMALL = ("--cases", "4", "--days", "40", "--seed", "4")


def begun(case: int, on: date, days: int, row: str = "26a", reason: str = "silent", level: str = "remind") -> Timed:
    return Timed(UUID(int=case), on, days, row, reason, level)


def side(*escalations: Timed, managers: tuple[date, ...] = (), closed: int = 0) -> Played:
    plan = SimpleNamespace(cases=9, days=21, seed=1)
    cases = [SimpleNamespace(closed_on=date(2027, 1, 20))] * closed
    first, last = date(2027, 1, 4), date(2027, 1, 24)
    summary: Any = SimpleNamespace(plan=plan, first=first, last=last, escalations_open=1, cases=cases)
    return Played(summary, escalations, managers)


MONDAY = date(2027, 1, 4)
COMPARED = Comparison(
    side(begun(1, MONDAY, 10), begun(1, MONDAY, 30), managers=(MONDAY,) * 3),
    side(begun(1, MONDAY, 4), begun(2, MONDAY, 6), begun(2, MONDAY, 9, "7", "review_late", "line_manager"), closed=2),
)


def line(text: str, words: str) -> list[str]:
    (found,) = [each for each in text.splitlines() if each.startswith(words)]
    return found.removeprefix(words).split()


def test_how_many_how_soon_and_what_managers_get_are_said_side_by_side() -> None:
    text = COMPARED.text()
    assert text.startswith("9 cases over 21 days, seed 1, by the shipped rules and by the draft")
    assert "the two plays go apart, as people act otherwise" in " ".join(text.split())
    assert text.splitlines()[4].split() == ["Shipped", "Draft"]
    assert "in force" not in (text + COMPARED.figures()).lower(), "nobody's rules in force were asked"
    assert line(text, "Escalations that began") == ["2", "3"]
    assert line(text, "Cases with any") == ["1", "2"]
    assert line(text, "Working days from opening to the first of a case") == ["10", "5"]
    assert line(text, "Escalations for: line manager") == ["0", "1"]
    assert line(text, "Tasks that came to line managers, a week") == ["1.0", "0.0"]
    assert line(text, "In their busiest week") == ["3", "0"]
    assert line(text, "Cases closed at the end") == ["0", "2"]
    assert line(text, "7: review late") == ["0", "1", "(9)"]
    assert line(text, "26a: no news for long") == ["2", "(20)", "2", "(5)"]


def test_the_report_draws_both_and_tells_the_rows() -> None:
    html = COMPARED.figures()
    assert html.count("<svg") == 2
    assert re.search(r'<th scope="row">7: review late</th><td>0</td><td>1</td><td></td><td>9</td>', html)
    assert "Tasks of line managers by week" in html


def test_the_same_caseload_is_played_twice_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    text = (RULES / "escalation.dmn").read_text()
    draft = tmp_path / "escalation.dmn"
    draft.write_text(text.replace(CELL, "5"))
    report = tmp_path / "report.html"
    assert main(["simulate", *SMALL, "--rules", str(draft), "--report", str(report)]) == 0
    told = capsys.readouterr()
    now, changed = line(re.sub(r" \([^)]*\)", "", told.out), "26a: no news for long")
    assert int(now) < int(changed)
    assert "by the shipped rules, day 40 of 40" in told.err
    assert "by the draft, day 40 of 40" in told.err
    assert "What the draft changes" in report.read_text()
    assert (tmp_path / "simulation.db").exists()
    assert main(["simulate", *SMALL, "--rules", str(draft)]) == 1
    assert "there is a record in" in capsys.readouterr().err


def with_a_row_that_never_matches(text: str) -> str:
    first = re.search(r' *<rule id="row_significant_harm".*?</rule>\n', text, re.DOTALL)
    assert first is not None
    row = first[0].replace("row_significant_harm", "row_never").replace(' caf:approval="safeguarding_lead"', "")
    never = row.replace('_days_silent"><text>-', '_days_silent"><text>&gt; 7000').replace("<text>1<", "<text>0<")
    assert never.count("7000") == 1
    return text.replace(first[0], never + first[0])


def test_a_draft_that_judges_alike_changes_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its examples stay behind, so that one definition fewer is deployed: no id of a case's things may hang on that.
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    file = tmp_path / "escalation.dmn"
    file.write_text(with_a_row_that_never_matches((RULES / "escalation.dmn").read_text()))
    assert main(["simulate", "--cases", "6", "--days", "40", "--seed", "3", "--rules", str(file)]) == 0
    figures = re.findall(r"^(.{58})(.{11})(.{11})$", capsys.readouterr().out, re.MULTILINE)[1:]
    compared = [(words.strip(), now.strip(), then.strip()) for words, now, then in figures if now.strip() != "Shipped"]
    assert len(compared) >= 9
    assert [each for each in compared if each[1] != each[2]] == []


TINY = ("--cases", "1", "--days", "3", "--seed", "4")


def test_a_record_that_is_named_gives_the_rules_in_force_and_is_only_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    record = f"sqlite:///{tmp_path / 'record.db'}"
    for folder in ("processes", "rules"):
        # Trying the scenarios on the rules that change is not what is asked here, and takes most of the time.
        copytree(RULES.parent / folder, tmp_path / folder, ignore=ignore_patterns("scenarios"))
    models = [str(tmp_path / folder) for folder in ("processes", "rules")]
    assert main(["init", "--database", record]) == 0
    assert main(["deploy", *models, "--database", record]) == 0
    changed = tmp_path / "rules" / "escalation.dmn"
    changed.write_text(changed.read_text().replace("Our own choice: four weeks with", "Four weeks with"))
    assert main(["deploy", str(changed), "--reason", "Words", "--database", record]) == 0
    capsys.readouterr()
    assert main(["simulate", *TINY, "--rules", str(RULES / "escalation.dmn"), "--database", record]) == 0
    told = capsys.readouterr()
    assert "compared with what is in force in the record: " in told.err and "escalation.dmn version 2" in told.err
    assert told.out.startswith("1 cases over 3 days, seed 4, by the rules in force and by the draft")
    assert "In force" in told.out
    monkeypatch.setenv("CAF_DATABASE_URL", record)
    assert main(["simulate", *TINY, "--rules", str(RULES / "escalation.dmn")]) == 1
    told = capsys.readouterr()
    assert "escalation.dmn version 2" in told.err
    assert "simulation.db; say where the simulation goes with --into" in told.err
    again = ("--into", f"sqlite:///{tmp_path / 'again.db'}")
    assert main(["simulate", *TINY, "--rules", str(RULES / "escalation.dmn"), *again]) == 0
    assert (tmp_path / "again.db").exists()


def test_a_database_that_holds_nothing_yet_is_where_the_simulation_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    own = tmp_path / "own.db"
    assert main(["simulate", *TINY, "--rules", str(RULES / "escalation.dmn"), "--database", f"sqlite:///{own}"]) == 0
    assert "by the shipped rules and by the draft" in capsys.readouterr().out
    assert own.exists()


def test_a_draft_takes_the_place_of_the_file_that_holds_its_rules_and_of_their_examples() -> None:
    models = {path.name: path.read_bytes() for path in RULES.iterdir() if path.suffix in (".dmn", ".yaml")}
    draft = models["escalation.dmn"].replace(CELL.encode(), b"5")
    whole = with_draft(models, {"mine.dmn": draft})
    assert set(models) - set(whole) == {"escalation.dmn", "escalation.tests.yaml"}
    assert whole["mine.dmn"] == draft


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("escalation.dmn", "no rules", "mend what is listed above first"), ("a.bpmn", "x", "is neither rules")],
)
def test_what_cannot_be_played_is_said_in_one_line_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path / "var"))
    (tmp_path / name).write_text(text)
    assert main(["simulate", *SMALL, "--rules", str(tmp_path / name)]) == 1
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "var").exists()
