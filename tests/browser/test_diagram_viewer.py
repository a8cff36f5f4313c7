"""The diagram on a case page, in a real browser under the same strict policy as the service's pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

BUILT = Path(__file__).parents[2] / "web" / "static" / "built"
SHIPPED = Path(__file__).parents[2] / "processes"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
TYPES = {".css": "text/css", ".js": "text/javascript", ".html": "text/html", ".bpmn": "application/xml"}
PAGE = """<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head><meta charset="utf-8"><title>Sam's case</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css"><link rel="stylesheet" href="/viewer.css">
<script type="module" src="/govuk.js"></script><script type="module" src="/viewer.js"></script></head>
<body class="govuk-template__body"><main class="govuk-width-container"><h1 class="govuk-heading-l">Sam's case</h1>
<div class="caf-diagram" data-diagram-url="/{diagram}" data-diagram-label="Where Sam's case is"
 data-diagram-current="hold_meeting no_longer_drawn" data-diagram-overdue="hold_meeting"
 data-diagram-done="ask_consent"><p class="govuk-body">The steps are listed below.</p></div></main></body></html>"""
SHAPES = (("began", 100, 36, 36), ("ask_consent", 200, 100, 80), ("hold_meeting", 380, 100, 80))
FLOWS = (("to_consent", "began", 136, "ask_consent", 200), ("to_meeting", "ask_consent", 300, "hold_meeting", 380))


def _diagram() -> str:
    tasks = "".join(f'<b:userTask id="{name}" name="{name}"/>' for name, *_ in SHAPES[1:])
    flows = "".join(f'<b:sequenceFlow id="{name}" sourceRef="{a}" targetRef="{z}"/>' for name, a, _, z, _ in FLOWS)
    shapes = "".join(
        f'<di:BPMNShape id="{name}_shape" bpmnElement="{name}"><c:Bounds x="{x}" y="{140 - high // 2}" '
        f'width="{wide}" height="{high}"/></di:BPMNShape>'
        for name, x, wide, high in SHAPES
    )
    edges = "".join(
        f'<di:BPMNEdge id="{name}_edge" bpmnElement="{name}"><d:waypoint x="{start}" y="140"/>'
        f'<d:waypoint x="{end}" y="140"/></di:BPMNEdge>'
        for name, _, start, _, end in FLOWS
    )
    omg = "http://www.omg.org/spec"
    return (
        f'<b:definitions xmlns:b="{omg}/BPMN/20100524/MODEL" xmlns:di="{omg}/BPMN/20100524/DI" '
        f'xmlns:c="{omg}/DD/20100524/DC" xmlns:d="{omg}/DD/20100524/DI" id="model" targetNamespace="test">'
        f'<b:process id="episode"><b:startEvent id="began"/>{tasks}{flows}</b:process>'
        f'<di:BPMNDiagram id="drawing"><di:BPMNPlane id="plane" bpmnElement="episode">{shapes}{edges}</di:BPMNPlane>'
        "</di:BPMNDiagram></b:definitions>"
    )


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        own = {"case.html": PAGE.format(diagram="case.bpmn"), "lost.html": PAGE.format(diagram="lost.bpmn")}
        own["compared.html"] = own["case.html"].replace('overdue="hold_meeting"', 'added="to_meeting"').replace(
            'current="hold_meeting no_longer_drawn"', 'removed=""'
        )
        own["case.bpmn"] = _diagram()
        own["handover.html"] = own["case.html"].replace("/case.bpmn", "/handover.bpmn")
        own["handover.bpmn"] = (SHIPPED / "handover.bpmn").read_text()
        known = path in own or (BUILT / path).is_file()
        body = own[path].encode() if path in own else (BUILT / path).read_bytes() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", f"{TYPES.get(Path(path).suffix, 'text/plain')}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what a test prints should be its own."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the bundles and two small pages; give their address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser's console says: a policy violation is an error there."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_the_diagram_shows_where_the_case_is(page: Page, site: str, complaints: list[str]) -> None:
    page.goto(f"{site}/case.html")
    expect(page.locator("[data-diagram-ready]")).to_have_count(1)
    expect(page.locator(".caf-diagram__badge")).to_have_text("You are here · Overdue")
    expect(page.locator('[data-element-id="hold_meeting"].caf-diagram--current.caf-diagram--overdue')).to_have_count(1)
    expect(page.locator('[data-element-id="ask_consent"].caf-diagram--done')).to_have_count(1)
    expect(page.get_by_role("img", name="Where Sam's case is")).to_be_visible()
    assert not complaints


def test_a_wide_drawing_begins_where_it_starts_in_words_that_can_be_read(
    page: Page, site: str, complaints: list[str]
) -> None:
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{site}/handover.html")
        expect(page.locator("[data-diagram-ready]")).to_have_count(1)
        scale = page.locator("svg .viewport").evaluate("drawn => drawn.getCTM().a")
        assert scale > 0.89, "names are 12 pixels high at 1"
        canvas = page.locator(".caf-diagram__canvas").bounding_box()
        for start in ("start_after_vacancy", "start_after_review", "start_handover"):
            shown = page.locator(f'[data-element-id="{start}"]').bounding_box()
            assert canvas and shown and canvas["x"] <= shown["x"] and shown["x"] + shown["width"] <= canvas["x"] + width
            assert canvas["y"] <= shown["y"] and shown["y"] + shown["height"] <= canvas["y"] + canvas["height"]
    assert not complaints


def test_a_narrow_screen_begins_at_a_way_that_is_new(page: Page, site: str, complaints: list[str]) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{site}/compared.html")
    expect(page.locator("[data-diagram-ready]")).to_have_count(1)
    expect(page.locator('[data-element-id="to_meeting"].caf-diagram--added')).to_have_count(1)
    assert not complaints


def test_the_makers_logo_is_visible_and_uncovered(page: Page, site: str) -> None:
    page.goto(f"{site}/case.html")
    logo = page.locator(".bjs-powered-by")
    expect(logo).to_be_visible()
    on_top = logo.evaluate(
        "link => { const box = link.getBoundingClientRect();"
        " return link.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )
    assert on_top


def test_the_buttons_zoom(page: Page, site: str) -> None:
    page.goto(f"{site}/case.html")
    drawn = page.locator('[data-element-id="hold_meeting"] .djs-visual > rect').first
    before = drawn.bounding_box()
    page.get_by_role("button", name="Zoom out").click()
    after = drawn.bounding_box()
    assert before and after and after["width"] < before["width"]
    page.get_by_role("button", name="Show all").click()
    again = drawn.bounding_box()
    assert again and again["width"] == pytest.approx(before["width"], abs=1)


def test_the_page_is_accessible(page: Page, site: str) -> None:
    page.goto(f"{site}/case.html")
    expect(page.locator("[data-diagram-ready]")).to_have_count(1)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


def test_a_diagram_that_cannot_be_fetched_says_so(page: Page, site: str) -> None:
    page.goto(f"{site}/lost.html")
    expect(page.get_by_text("The diagram could not be drawn")).to_be_visible()


def test_without_scripts_the_words_stay(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/case.html")
        expect(page.get_by_text("The steps are listed below.")).to_be_visible()
