"""A served application for browser tests: a real engine on a file, invented people, one address on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from engine.clock import FakeClock
from engine.commands import second_person
from engine.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.unit.web.service import PASSWORD, Service, open_service

SECRET = "only for tests, and long enough to be taken"


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[tuple[Service, str]]:
    """Give a furnished service in `folder` and the address it is served at; `settings` are more of its settings."""
    given = Settings(database_url=f"sqlite:///{folder / 'caf.db'}", variable_folder=folder, secret_key=SECRET)
    service = open_service(replace(given, **settings), FakeClock(MONDAY_MORNING), durable=False)
    server = make_server("127.0.0.1", 0, service.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        service.engine.sessions.close()


@pytest.fixture
def served(tmp_path_factory) -> Iterator[tuple[Service, str]]:
    """Give a furnished service of this test alone and the address it is served at."""
    with serving(tmp_path_factory.mktemp("service")) as found:
        yield found


@pytest.fixture
def service(served) -> Service:
    """Give the service behind the pages."""
    return served[0]


@pytest.fixture
def second_asked(service: Service) -> None:
    """Let changes need a second person."""
    keeper = service.actor("olu")
    second_person.ask_second_person(service.engine, actor=keeper, asked=True, why="Two pairs of eyes")


@pytest.fixture
def sign_in(served, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that signs somebody in, in a browser of their own, and returns their page on My tasks."""
    _, address = served
    contexts: list[BrowserContext] = []

    def enter(username: str, **context: object) -> Page:
        contexts.append(browser.new_context(base_url=address, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.goto("/sign-in")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/tasks")
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Give a function that lists what axe finds wrong on a page, one line each."""

    def find(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    return find
