"""What is committed names no machine, no registry's host and no working arrangement."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written so that this file does not break its own rule.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w./*-])/(?:work|root|home/\w+|tmp/plan|Users)/"),
    "a registry's host": re.compile(r"registry[.]npmjs|\bpypi[.]org|pythonhosted[.]org|deb[.]debian[.]org"),
    "an address in a lock file": re.compile(r"^\s*(?:--(?:extra-)?index-url|--find-links|\"resolved\":)", re.MULTILINE),
    "a number in somebody's list": re.compile(r"\bissues?\s+#?\d+\b", re.IGNORECASE),
    "a note to oneself": re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b"),
}


def committed() -> list[Path]:
    """Return every file that git keeps or would keep."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def offences(text: str) -> list[str]:
    """Return what in `text` should not be there, each with its line."""
    found = []
    for what, pattern in FORBIDDEN.items():
        found += [f"line {text.count(chr(10), 0, hit.start()) + 1}: {what}" for hit in pattern.finditer(text)]
    return found


def test_nothing_committed_names_a_machine_or_a_working_arrangement() -> None:
    wrong = {}
    for path in committed():
        found = offences(path.read_text(encoding="utf-8", errors="ignore"))
        if found:
            wrong[path.relative_to(ROOT).as_posix()] = found
    assert not wrong


@pytest.mark.parametrize(
    "text",
    [
        "see /wo" + "rk/main/x",
        "https://registry" + ".npm" + "js.org/",
        "--index-" + "url https://example.test",
        '  "resol' + 'ved": "https://example.test"',
        "closes iss" + "ue 3",
        "# TO" + "DO: later",
    ],
)
def test_the_rule_finds_what_it_is_for(text: str) -> None:
    assert offences(text)


@pytest.mark.parametrize("text", ["/cases/1/work/2", "case-work/", "the tissue 3 layers"])
def test_the_rule_leaves_the_rest_alone(text: str) -> None:
    assert not offences(text)
