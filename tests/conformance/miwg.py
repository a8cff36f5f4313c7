"""Open, save and open again a folder of BPMN models in the editor: `python -m tests.conformance.miwg DIR [-v]`.

The models are those of the BPMN Model Interchange Working Group, or any others. Prints for each what it lost on the way
(nothing, it should be), and whether it could be published or with how many findings it is refused. Exits with 1 when a
model lost something of which its page did not tell, or was not drawn, 2 when the folder holds none.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.commands import model_drafts
from engine.queries import model_checks
from engine.queries import model_drafts as drafts
from engine.settings import Settings
from tests.conformance.round_trip import lost
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.unit.web.service import PASSWORD, Service, open_service

DESIGNER = "tomas"
SECRET = "only for this run, and long enough to be taken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one model: what it lost and whether its page told so, why it was not drawn, why it is refused."""

    file: str
    lost: tuple[str, ...]
    told: bool
    failed: str
    findings: tuple[str, ...]


def main() -> int:
    """Try every model of the folder; return 1 when one lost something."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="say what was lost and found")
    options = parser.parse_args()
    models = sorted(options.folder.rglob("*.bpmn"))
    if not models:
        print(f"{options.folder} holds no .bpmn file", file=sys.stderr)
        return 2
    bad = 0
    for outcome in outcomes(models):
        bad += bool(outcome.lost and not outcome.told or outcome.failed)
        print(_line(outcome), *(_details(outcome) if options.verbose else ()), sep="\n  ", flush=True)
    print(f"passed {len(models) - bad}, failed {bad}, total {len(models)}")
    return 1 if bad else 0


def outcomes(models: list[Path]) -> Iterator[Outcome]:
    """Yield what came of each model."""
    with TemporaryDirectory() as folder, served(Path(folder)) as (service, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        page = signed_in(browser.new_context(base_url=address))
        for model in models:
            yield _outcome(service, page, model)
        browser.close()


def _outcome(service: Service, page: Page, model: Path) -> Outcome:
    actor, content, file = service.actor(DESIGNER), model.read_bytes(), model.name
    model_drafts.save(service.engine, actor=actor, file=file, content=content, expected=None)
    found = model_checks.check_model(service.engine, actor=actor, file=file, content=content)
    errors = tuple(f"{each.what}; {each.advice}" for each in found.findings if each.severity == "error")
    try:
        through_the_editor(page, file)
        told = page.get_by_text("will leave out when it saves").count() > 0
        after = drafts.text(service.engine, actor=actor, file=file)
        open_in_editor(page, file)
    except Error as error:
        return Outcome(file, (), False, str(error).partition("\n")[0], errors)
    return Outcome(file, tuple(lost(content, after)), told, "", errors)


def open_in_editor(page: Page, file: str) -> None:
    """Open a file and wait until it is drawn."""
    page.goto(f"/studio/edit?file={file}")
    page.locator("body[data-ready]").wait_for(timeout=20_000)


def through_the_editor(page: Page, file: str) -> None:
    """Open a file, change something and take that back, and wait until what the editor makes of it is saved."""
    open_in_editor(page, file)
    said = page.get_by_label("What it is for").first
    before = said.input_value()
    said.fill("Something else")
    said.blur()
    page.get_by_role("button", name="Undo").click()
    with page.expect_response("**/studio/edit/save", timeout=15_000) as answer:
        pass
    if not answer.value.ok or said.input_value() != before:
        raise Error(f"saving was answered {answer.value.status}")


def signed_in(context: BrowserContext) -> Page:
    """Return a page on which a designer is signed in."""
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("User name").fill(DESIGNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/tasks")
    return page


@contextmanager
def served(folder: Path) -> Iterator[tuple[Service, str]]:
    """Serve a furnished service with its database in `folder`; give it and its address."""
    settings = Settings(database_url=f"sqlite:///{folder / 'caf.db'}", variable_folder=folder, secret_key=SECRET)
    service = open_service(settings, durable=False)
    server = make_server("127.0.0.1", 0, service.app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    service.engine.sessions.close()


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the outcomes are what this prints."""


def _line(outcome: Outcome) -> str:
    loses = f"lost {len(outcome.lost)} things{', as its page said' if outcome.told else ''}"
    kept = outcome.failed or (loses if outcome.lost else "kept whole")
    said = f"refused with {len(outcome.findings)} findings" if outcome.findings else "could be published"
    return f"{outcome.file}: {kept}, {said}"


def _details(outcome: Outcome) -> tuple[str, ...]:
    return tuple(f"lost: {each}" for each in outcome.lost) + tuple(f"refused: {each}" for each in outcome.findings)


if __name__ == "__main__":
    sys.exit(main())
