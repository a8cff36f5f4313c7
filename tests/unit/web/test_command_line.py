import pytest

from web.__main__ import main
from web.cli.parser import build_parser

COMMANDS = (
    "init", "demo", "simulate", "serve", "deploy", "export", "lint", "decide", "tick", "verify", "backup", "restore",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"example:\n  caf {command}" in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["serve", "--port", "0"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "many"],
        ["decide"],
    ],
)
def test_misuse_ends_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_database_can_be_named_wherever_one_is_used():
    parser = build_parser()
    arguments = {"deploy": ["x"], "export": ["x"], "backup": ["x"], "restore": ["x"]}
    for command in set(COMMANDS) - {"lint", "decide"}:
        options = parser.parse_args([command, *arguments.get(command, []), "--database", "sqlite:///x.db"])
        assert options.database == "sqlite:///x.db"
