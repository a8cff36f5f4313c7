"""Our own cases of every feature, run by the runner of the compliance kit (`make tck` runs the kit itself)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.conformance.tck import agree, levels, main, run_folder

OWN = Path(__file__).parent / "cases"


@pytest.mark.parametrize("level", levels(OWN), ids=lambda level: level.name)
def test_our_own_cases_pass(level: Path) -> None:
    total, failed = run_folder(level)
    assert total > 40
    assert [str(outcome) for outcome in failed] == []


def test_the_command_prints_a_line_for_each_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(OWN)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["compliance-level-2", "compliance-level-3"]
    assert all("passed" in line and "failed 0, total" in line for line in lines)


def test_a_failure_is_named_with_what_was_expected_and_what_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "compliance-level-2" / "chaser-table"
    folder.mkdir(parents=True)
    for source in (OWN / "compliance-level-2" / "chaser-table").iterdir():
        text = source.read_text(encoding="utf-8").replace(">ring</value>", ">sing</value>")
        (folder / source.name).write_text(text, encoding="utf-8")
    assert main([str(tmp_path), "-v"]) == 1
    out = capsys.readouterr().out
    assert "passed 9, failed 1, total 10" in out
    assert "chaser-table/003/Chaser: expected 'sing', came 'ring'" in out


def test_a_folder_without_cases_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no test cases" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("expected", "actual", "agrees"),
    [
        (Decimal("0.333333333"), Decimal(1) / 3, True), (Decimal("0.3333"), Decimal(1) / 3, False),
        (None, None, True), (None, False, False), ("1", Decimal(1), False), ([Decimal(1)], [Decimal("1.0")], True),
        ({"a": None}, {}, False), ({"a": Decimal(1)}, {"a": Decimal(1)}, True),
    ],
)
def test_agreement_follows_the_kit(expected: object, actual: object, agrees: bool) -> None:
    assert agree(expected, actual) is agrees
