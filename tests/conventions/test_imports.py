"""Imports run one way; the contracts are in setup.cfg."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # It would silence every logger that other tests of this process listen to.
    monkeypatch.setattr(cli.logging_config, "dictConfig", lambda _config: None)
    status = cli.lint_imports(config_filename="setup.cfg", no_cache=True)
    assert status == 0, capsys.readouterr().out
