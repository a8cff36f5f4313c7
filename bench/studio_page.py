"""The editor of diagrams from a cold start: from asking for the page until the largest shipped diagram is drawn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench.furnished import Databases
from bench.measuring import Figure, Scale
from tests.conformance.miwg import open_in_editor, served, signed_in
from tests.conftest import CHROMIUM_ARGUMENTS, chromium

MOST_SECONDS = 1.5
MOST_PACKED = 520
BUNDLE = Path(__file__).parents[1] / "web" / "static" / "built" / "studio-diagram.js.gz"


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the seconds until it is drawn, with nothing kept by the browser, and the size of what is loaded."""
    if databases.kind != "sqlite":
        return
    diagrams = [each for each in files("processes").iterdir() if each.name.endswith(".bpmn")]
    largest = max(diagrams, key=lambda each: len(each.read_bytes())).name
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (_, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        _cold(browser, address, largest)  # the server's own first page
        seconds = [_cold(browser, address, largest) for _ in range(max(3, scale.rounds // 2))]
        browser.close()
    yield _figure(f"{largest} ready to draw, nothing kept before", median(seconds), "s", MOST_SECONDS)
    yield _figure("its script, packed", BUNDLE.stat().st_size / 1000, "kB", MOST_PACKED)


def _cold(browser: Browser, address: str, file: str) -> float:
    """Return the seconds until a browser that has never been here has drawn `file`."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    page = signed_in(context)
    before = time.perf_counter()
    open_in_editor(page, file)
    spent = time.perf_counter() - before
    context.close()
    return spent


def _figure(words: str, number: float, unit: str, most: float) -> Figure:
    return Figure(
        row="studiopage", measure=f"the editor of diagrams: {words}", database="none", figure=f"{number:.3g} {unit}",
        reach=f"at most {most:g} {unit}", met=number <= most, numbers={unit: number},
    )  # fmt: skip
