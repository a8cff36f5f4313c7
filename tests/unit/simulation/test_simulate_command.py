"""`caf simulate`: the same seed gives the same bytes in another process, and the record is never touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from web.__main__ import main

SMALL = ("--cases", "8", "--days", "45")


def run(folder: Path, name: str, *more: str, hash_seed: str = "0") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "web", "simulate", *SMALL, "--database", f"sqlite:///{folder / name}.db"]
    files = ["--report", str(folder / f"{name}.html"), "--history", str(folder / f"{name}.jsonl")]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "CAF_FOLDER": str(folder)}
    return subprocess.run([*command, *files, *more], capture_output=True, env=environment, check=False)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the same simulation run twice, with text hashed differently, and one of another seed."""
    folder = tmp_path_factory.mktemp("simulated")
    for name, seed, hash_seed in (("one", "4", "1"), ("two", "4", "2"), ("other", "9", "1")):
        done = run(folder, name, "--seed", seed, hash_seed=hash_seed)
        assert done.returncode == 0, done.stderr.decode()
        (folder / f"{name}.txt").write_bytes(done.stdout)
        (folder / f"{name}.err").write_bytes(done.stderr)
    return folder


@pytest.mark.parametrize("kind", ["txt", "jsonl", "html"])
def test_the_same_seed_gives_the_same_bytes(twice: Path, kind: str) -> None:
    assert (twice / f"one.{kind}").read_bytes() == (twice / f"two.{kind}").read_bytes()
    assert (twice / f"one.{kind}").stat().st_size > 500


@pytest.mark.parametrize("kind", ["txt", "jsonl"])
def test_another_seed_gives_another_year(twice: Path, kind: str) -> None:
    assert (twice / f"one.{kind}").read_bytes() != (twice / f"other.{kind}").read_bytes()


def test_what_it_leaves_can_be_verified(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--database", f"sqlite:///{twice / 'one.db'}"]) == 0
    assert "The history is as it was written" in capsys.readouterr().out


def test_progress_and_how_to_look_at_it_are_on_standard_error(twice: Path) -> None:
    said = (twice / "one.err").read_text()
    assert "caf simulate: day 45 of 45" in said
    assert "serve --port 8001 --database" in said
    assert "hana" in said


def test_a_database_with_a_record_in_it_is_refused(twice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (twice / "one.db").read_bytes()
    assert main(["simulate", *SMALL, "--database", f"sqlite:///{twice / 'one.db'}"]) == 1
    assert "there is a record in" in capsys.readouterr().err
    assert (twice / "one.db").read_bytes() == before


def test_the_installations_own_database_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "record.db"
    monkeypatch.setenv("CAF_DATABASE_URL", f"sqlite:///{record}")
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    assert main(["simulate", "--cases", "1", "--days", "2"]) == 0
    assert not record.exists()
    assert (tmp_path / "simulation.db").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--until", "yesterday"], "--until: yesterday is not a day"),
        (["--days", "9999"], "--days: at most"),
        (["--cases", "99999999999999"], "--cases: at most 100,000"),
        (["--report", "."], "there is a file already"),
        (["--models", "nowhere.bpmn"], "there is no such file"),
    ],
)
def test_what_is_misused_is_said_in_a_line(
    wrong: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAF_FOLDER", str(tmp_path))
    assert main(["simulate", *wrong]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
