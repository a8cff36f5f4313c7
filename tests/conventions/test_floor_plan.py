"""README's floor plan is the tree: every name in it exists, and every room of the tree is in it.

The plan is the first fenced block under README's heading "Floor plan". One line names one or more files or folders
(folders end in `/`), then two spaces or more, then words. A line indented further stands inside the last folder above
it. `*` may stand for part of a name.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("", "engine/", "web/")
PLAIN_FILES = re.compile(r"[\w.*-]+\.(?:py|cfg|toml|md|bpmn|dmn|form|lock|in)|Makefile|LICENSE")


def plan_block(readme: str) -> str:
    """Return the text of the floor plan, or an empty string where a README has none."""
    heading = re.search(r"^#+ .*floor plan.*$", readme, re.IGNORECASE | re.MULTILINE)
    block = re.search(r"^```\w*\n(.*?)^```", readme[heading.end() :], re.DOTALL | re.MULTILINE) if heading else None
    return block[1] if block else ""


def planned(block: str) -> list[str]:
    """Return every path that the plan names, folders with a final `/`."""
    return list(_walk(block.splitlines()))


def _walk(lines: list[str]) -> Iterator[str]:
    above: list[tuple[int, str]] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        inside = above[-1][1] if above else ""
        for name in _names(line.strip()):
            yield inside + name
            if name.endswith("/"):
                above.append((indent, inside + name))


def _names(line: str) -> list[str]:
    words = re.split(r"\s{2,}", re.sub(r"\([^)]*\)", "", line))[0].split()
    return [word for word in words if word.endswith("/") or PLAIN_FILES.fullmatch(word)]


def rooms(folder: str) -> list[str]:
    """Return what stands directly in `folder`: its folders, and for a package its modules."""
    command = ["git", "ls-files", "-z", folder or "."]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    inside = {name.removeprefix(folder) for name in listing.stdout.split("\0") if name}
    folders = {f"{folder}{name.partition('/')[0]}/" for name in inside if "/" in name}
    modules = {f"{folder}{name}" for name in inside if folder and "/" not in name and name.endswith(".py")}
    return sorted(room for room in folders | modules if not room.endswith("__init__.py"))


def readme_plan() -> list[str]:
    """Return the paths README names; none while there is no README."""
    readme = ROOT / "README.md"
    if not readme.exists():
        return []
    block = plan_block(readme.read_text(encoding="utf-8"))
    assert block, 'README.md needs a fenced block under a heading "Floor plan"'
    return planned(block)


def test_everything_in_the_plan_exists() -> None:
    missing = [name for name in readme_plan() if not any(ROOT.glob(name.rstrip("/")))]
    assert not missing


@pytest.mark.parametrize("folder", ROOMS, ids=["top", "engine", "web"])
def test_every_room_is_in_the_plan(folder: str) -> None:
    plan = readme_plan()
    if plan:
        hidden = [room for room in rooms(folder) if room not in plan and not room.startswith(".")]
        assert not hidden, "README's floor plan leaves these out"


def test_a_plan_is_read_as_it_is_drawn() -> None:
    drawing = "engine/   no Flask\n  clock.py ids.py   small\n  store/   the database\nMakefile\n"
    plan = planned(plan_block(f"# X\n## Floor plan\n```\n{drawing}```\n"))
    assert plan == ["engine/", "engine/clock.py", "engine/ids.py", "engine/store/", "Makefile"]


def test_rooms_are_found() -> None:
    assert {"engine/clock.py", "engine/store/"} <= set(rooms("engine/"))
    assert {"engine/", "tests/"} <= set(rooms(""))
