"""Hostile files are refused in words, and shown safely, whichever way they come in; nothing of them is in force."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.clock import FakeClock
from engine.store.tables.running import definitions
from tests.conftest import MONDAY_MORNING
from tests.unit.bpmn.lint.snippets import ASK, STRAIGHT, file, wrapped
from tests.unit.web.service import Service, new_service
from tests.unit.web.test_json_api import Program
from web.__main__ import main

FILE = "review.bpmn"
"""One that is in force: the editor's import puts a file in its place."""
MARKUP = "<script>alert(1)</script>"
NAMED = f'name="{MARKUP.replace("<", "&lt;")}"'
STEPS = 10_000
CHAIN = ">".join(["start", *(f"ask_{number}" for number in range(STEPS)), "finish"])
MANY = "".join(ASK.replace('"ask"', f'"ask_{number}"') for number in range(STEPS))
SHAPES = "".join(f'<bpmndi:BPMNShape bpmnElement="ask_{number}"/>' for number in range(STEPS))
BOMB = b"<!DOCTYPE d [<!ENTITY a 'ha'>%b]><definitions>&l11;</definitions>" % b"".join(
    b"<!ENTITY l%d '%b'>" % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 12)
)

HOSTILE: dict[str, tuple[bytes, str]] = {
    # What comes in, and a word of what is said of it.
    "an entity bomb": (BOMB.replace(b"&l0;", b"&a;"), "not well-formed|DOCTYPE is not allowed"),
    "a file of this machine": (
        b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]><definitions>&a;</definitions>',
        "DOCTYPE is not allowed",
    ),
    "ten thousand steps": (
        file(wrapped(MANY, CHAIN), drawing=f"<bpmndi:BPMNDiagram>{SHAPES}</bpmndi:BPMNDiagram>"),
        "10002 steps|10,000 shapes|too many elements",
    ),
    "ten thousand steps that nobody drew": (file(wrapped(MANY, CHAIN)), "10002 steps"),
    "too many elements": (b"<a>" + b"<b/>" * 50_001 + b"</a>", "too many elements"),
    "too deep": (b"<a>" * 5_000 + b"</a>" * 5_000, "too deep"),
    "a script with markup in its name": (
        file(wrapped(f'<scriptTask id="ask" {NAMED}/>', STRAIGHT)), "scripts do not run"
    ),
}  # fmt: skip
DRAWN_ONLY = "a script with markup in its name"
"""What an editor opens, as a designer has to see it to put it right: its checks refuse it."""


class Designer:
    """A designer at a browser, and their program; each answer is its status and its text."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.program = Program(service, "tomas")
        self.browser = service.signed_in("tomas")
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get("/definitions"))
        assert found
        self.token = found[1]

    def send(self, path: str, slot: str, content: bytes, **fields: str) -> tuple[int, str]:
        """Send a file by a form of a page."""
        sent = {"csrf_token": self.token, slot: (io.BytesIO(content), FILE), **fields}
        answer = self.browser.client.post(path, data=sent, follow_redirects=True)
        for each in (*answer.history, answer):
            each.request.environ["wsgi.input"].close()  # a large one is a file
        return answer.status_code, answer.get_data(as_text=True)

    def check(self, content: bytes) -> tuple[int, str]:
        """Have a file checked as the editor does while it is drawn."""
        sent = {"file": FILE, "content": content.decode()}
        answer = self.browser.client.post("/studio/check", json=sent, headers={"X-CSRFToken": self.token})
        return 422 if answer.json["findings"] else 200, answer.get_data(as_text=True)

    def ask(self, path: str, content: bytes, **more: str) -> tuple[int, str]:
        """Send a file by the API."""
        body = {"files": [{"name": FILE, "content": content.decode()}], **more}
        answer = self.program("POST", path, json=body)
        return answer.status_code, answer.get_data(as_text=True)

    def in_force(self) -> list[tuple[str, int]]:
        """Return what is in force."""
        query = sa.select(definitions.c.file, sa.func.max(definitions.c.version)).group_by(definitions.c.file)
        with self.service.engine.sessions.read() as connection:
            return sorted((row[0], row[1]) for row in connection.execute(query))


@pytest.fixture(scope="module")
def designer() -> Iterator[Designer]:
    service = new_service(FakeClock(MONDAY_MORNING))
    yield Designer(service)
    service.engine.sessions.close()


WAYS: dict[str, Callable[[Designer, bytes], tuple[int, str]]] = {
    "the editor's import": lambda designer, content: designer.send(
        "/studio/edit/import", "import", content, file=FILE, expected=""
    ),
    "checked while drawn": lambda designer, content: designer.check(content),
    "a page": lambda designer, content: designer.send("/definitions", "files", content, note="Try"),
    "the API": lambda designer, content: designer.ask("/deployments", content, note="Try"),
    "proposed by the API": lambda designer, content: designer.ask("/proposals", content, note="Try"),
    "rehearsed by the API": lambda designer, content: designer.ask("/rehearsals", content),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_is_refused_in_words_and_shown_as_words(designer: Designer, way: str) -> None:
    before = designer.in_force()
    for hostile, (content, words) in HOSTILE.items():
        status, said = WAYS[way](designer, content)
        if way == "the editor's import" and hostile == DRAWN_ONLY:
            assert status == 200, hostile
        else:
            assert status == 422 and re.search(words, unescape(said)), f"{hostile}: {said[:2_000]}"
        assert said.startswith("{") or MARKUP not in said, hostile
        assert "Traceback" not in said, hostile
    assert designer.in_force() == before


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('hostile')}/caf.db"
    assert main(["init", "--database", url]) == 0
    return url


@pytest.mark.parametrize("way", ["deploy", "lint", "git"])
def test_by_the_command_line_it_is_refused_in_lines(
    way: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (hostile, (content, words)) in enumerate(HOSTILE.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / FILE).write_bytes(content)
        asked = ["deploy", str(folder / FILE), "--reason", "Try", "--database", database]
        if way == "lint":
            asked = ["lint", str(folder / FILE)]
        elif way == "git":
            commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "Try"]
            for act in (["init", "-q"], ["add", "."], commit):
                subprocess.run(["git", "-C", folder, *act], check=True)
            asked = ["deploy", "--from-git=HEAD", str(folder), "--reason", "Try", "--database", database]
        assert main(asked) != 0, hostile
        said = "".join(capsys.readouterr())
        assert re.search(words, said), f"{hostile}: {said[:2_000]}"
        assert "Traceback" not in said and all(len(line) < 1_000 for line in said.splitlines()), hostile
