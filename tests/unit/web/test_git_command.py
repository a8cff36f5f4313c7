"""What is in force is written out byte for byte, a commit for each deployment, and deployed again from a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.small_files import asking, form, rules
from web.__main__ import main

FILES = {
    "ask.form": form("ask", "colour"), "paint.dmn": rules("paint", ["colour"], ["tins"], [["-", "1"]]),
    "small.bpmn": asking("ask"),
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True, text=True).stdout


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/caf.db"
    assert main(["init", "--database", url]) == 0
    source = tmp_path / "source"
    source.mkdir()
    for name, content in FILES.items():
        (source / name).write_bytes(content)
    assert main(["deploy", str(source), "--database", url, "--reason", "To begin with"]) == 0
    return url


def test_what_is_in_force_goes_to_git_and_comes_back_from_a_commit(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As when somebody runs it from a hook: the repository of the hook must not be written to.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    out = tmp_path / "models"
    assert main(["export", str(out), "--git", "--database", database]) == 0
    monkeypatch.delenv("GIT_DIR")
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == FILES
    assert git(out, "log", "--format=%an|%s").splitlines() == ["Command line|To begin with"]

    changed = FILES["paint.dmn"].replace(b">1<", b">2<")
    (tmp_path / "paint.dmn").write_bytes(changed)
    more = ["--database", database]
    assert main(["deploy", str(tmp_path / "paint.dmn"), "--reason", "'Two' tins; $(none) of it a command", *more]) == 0
    assert main(["export", str(out), "--git", *more]) == 0
    assert main(["export", str(out), "--git", *more]) == 0
    assert "0 new commits" in capsys.readouterr().out
    assert git(out, "log", "--format=%s").splitlines() == ["'Two' tins; $(none) of it a command", "To begin with"]
    assert git(out, "show", "--stat", "--format=", "HEAD").split("|")[0].strip() == "paint.dmn"
    assert git(out, "status", "--porcelain") == ""

    assert main(["deploy", "--from-git", "HEAD~1", str(out), *more]) == 0
    assert "rules paint_rules version 3" in capsys.readouterr().out
    assert main(["export", str(out), *more]) == 0
    assert (out / "paint.dmn").read_bytes() == FILES["paint.dmn"]
    assert main(["export", str(out), "--git", *more]) == 0
    assert git(out, "log", "-1", "--format=%s").strip().endswith("To begin with (from git)")


def test_a_bare_repository_is_deployed_from_and_exported_to_by_way_of_a_clone(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, bare, more = tmp_path / "models", tmp_path / "shared.git", ["--database", database]
    assert main(["export", str(out), "--git", *more]) == 0
    git(tmp_path, "clone", "--quiet", "--bare", str(out), str(bare))
    changed = tmp_path / "paint.dmn"
    changed.write_bytes(FILES["paint.dmn"].replace(b">1<", b">2<"))
    assert main(["deploy", str(changed), "--reason", "Two tins", *more]) == 0
    assert main(["deploy", "--from-git", "HEAD", str(bare), *more]) == 0
    assert "rules paint_rules version 3" in capsys.readouterr().out
    assert main(["export", str(bare), "--git", *more]) != 0
    assert "clone it, export into the clone" in capsys.readouterr().err
    assert not (bare / ".git").exists()


@pytest.mark.parametrize("ref", ["--output=x", "nowhere"])
def test_what_names_no_commit_is_refused(
    ref: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models"
    assert main(["export", str(out), "--git", "--database", database]) == 0
    assert main(["deploy", f"--from-git={ref}", str(out), "--database", database]) != 0
    assert "caf deploy:" in capsys.readouterr().err


def test_deploying_on_the_command_line_tries_the_scenarios_in_force(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "begins.scenario.yaml"
    scenario.write_bytes(b"name: It begins\ndiagram: small\nbegins: alone\nsteps:\n  - expect: [{open: ask}]\n")
    changed, more = tmp_path / "small.bpmn", ["--database", database]
    assert main(["deploy", str(scenario), *more]) == 0
    renamed = FILES["small.bpmn"].replace(b'"ask"', b'"inquire"').replace(b'formRef="inquire"', b'formRef="ask"')
    changed.write_bytes(renamed)
    assert main(["deploy", str(changed), *more]) == 1
    said = capsys.readouterr()
    assert "It begins" in said.err and "--scenarios-why 'WHY'" in said.err and said.out.count("version") == 1
    why = ["--reason", "Kinder", "--scenarios-why", "The step has a new name"]
    assert main(["deploy", str(changed), *why, *more]) == 0
    assert "process small version 2" in capsys.readouterr().out
    out = tmp_path / "out"
    assert main(["export", str(out), "--git", *more]) == 0
    kept = "Kinder (What scenarios say does not count: “It begins”. The step has a new name)"
    assert git(out, "log", "-1", "--format=%s").strip() == kept
