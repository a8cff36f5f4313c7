"""Every example that a command's help gives is understood, and the ones in order make a working service."""

import argparse
import re
import shlex
from datetime import UTC, datetime

import pytest

from engine.queries import milestones
from tests.unit.web.service import ROOT
from web.__main__ import main
from web.cli.opening import opened
from web.cli.parser import build_parser

IN_ORDER = ("init", "deploy", "lint", "decide", "tick", "verify", "backup", "restore")


def commands():
    (found,) = [each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    return found.choices


def help_of(command):
    return commands()[command].format_help()


def examples(command):
    return [shlex.split(line) for line in re.findall(r"^  (caf .+)$", help_of(command), re.MULTILINE)]


@pytest.mark.parametrize("command", commands())
def test_its_example_is_understood(command):
    assert examples(command)
    for _, *arguments in examples(command):
        assert build_parser().parse_args(arguments).command == command


def test_the_examples_work_as_typed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAF_FOLDER", "var")
    monkeypatch.delenv("CAF_DATABASE_URL", raising=False)
    for folder in ("processes", "rules"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    given = help_of("init")
    (tmp_path / "people.csv").write_text("".join(re.findall(r"^  (.*,.*,.*,.*\n)", given, re.MULTILINE)[-4:]))
    (tmp_path / "profile.json").write_text(given[given.index('  {"') : given.index('"}\n') + 2])
    for command in IN_ORDER:
        for _, *arguments in examples(command):
            assert main(arguments) == 0, (arguments, capsys.readouterr().err)
    options = build_parser().parse_args(["verify", "--database", "sqlite:///trial.db"])
    with opened(options) as engine:
        assert (engine.clock.now() - datetime.now(UTC)).days in (89, 90)
        assert milestones.reached(engine, "rehearsal_moved") is not None


def test_decide_s_example_tells_something(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    ((_, *arguments),) = examples("decide")
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert "The review is 12 working days overdue" in said.out
    assert said.err.count("\n") == 1
    assert "null-operand" not in said.out
