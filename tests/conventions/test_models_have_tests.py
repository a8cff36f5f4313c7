"""Every diagram and every decision table has a test module of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("folder", "ending"), [("processes", "*.bpmn"), ("rules", "*.dmn")])
def test_every_model_has_its_own_tests(folder: str, ending: str) -> None:
    wanted = {f"test_{path.stem}.py" for path in (ROOT / folder).rglob(ending)}
    there = {path.name for path in (ROOT / "tests" / folder).rglob("test_*.py")}
    assert wanted <= there, f"tests/{folder}/ lacks {sorted(wanted - there)}"
