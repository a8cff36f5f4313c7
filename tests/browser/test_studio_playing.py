"""A designer plays a meeting that nobody writes up: the reminder goes out, and the play is kept and tried again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

AT_LEAST = 60_000
"""Milliseconds: what is played first has every diagram, form and rule read before it."""


def play(page: Page) -> None:
    page.set_default_timeout(AT_LEAST)
    page.goto("/studio/play?file=tac_meeting.bpmn")
    page.get_by_label("Everybody works until this step comes").select_option("arrange_tac_meeting")
    page.get_by_role("button", name="Go on until then").click()
    now = page.get_by_role("region", name="What happens now")
    expect(now.get_by_role("link", name="Arrange the")).to_be_visible()
    now.get_by_role("link", name="Arrange the").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrange the")


def test_a_meeting_that_nobody_writes_up_is_played_and_kept(sign_in, axe):
    page = sign_in("tomas")
    play(page)
    assert axe(page) == []
    page.route("**/studio/play/task*", lambda route: route.fulfill(status=204))  # as if no answer came yet
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("status").filter(has_text="Playing")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_disabled()
    page.unroute("**/studio/play/task*")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Three weeks later").click()
    story = page.get_by_role("region", name="What happened")
    expect(story.get_by_text("has not been written up, to").first).to_be_visible()
    expect(story.get_by_text("record_late").first).to_be_visible()
    drawing = page.locator("[data-diagram-ready=true]").first
    expect(drawing.get_by_role("link", name="do it (late)").first).to_be_visible()
    expect(drawing.locator(".caf-diagram__tick").first).to_have_text("✓")
    assert axe(page) == []

    page.route("**/studio/play/undo", lambda route: route.fulfill(status=204))  # as if no answer came yet
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Playing")).to_be_visible()
    expect(page.get_by_role("button", name="A day later")).to_be_disabled()
    page.unroute("**/studio/play/undo")
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("has not been written up, to")).to_have_count(0)
    page.get_by_role("button", name="Three weeks later").click()
    page.get_by_label("Keep this play as a scenario").fill("Nobody writes it up")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("It goes as it says").first).to_be_visible(timeout=AT_LEAST)
    expect(page.get_by_role("heading", name="of its flows are taken")).to_be_visible()
    missed = page.get_by_role("heading", name="Flows that no scenario takes").locator("+ ol > li")
    expect(page.locator(".caf-diagram__number")).to_have_text([str(each + 1) for each in range(missed.count())])
    assert axe(page) == []

    for address, place in (("/studio/outline", "[data-caf-scenarios]"), ("/studio/edit", "#scenarios")):
        page.goto(f"{address}?file=tac_meeting.bpmn")
        expect(page.locator(place)).to_contain_text("Scenarios: 1 kept. They take", timeout=AT_LEAST)
    assert page.locator("[data-caf-scenarios-ask]").count() == 0


def test_without_javascript_everything_but_the_drawing_is_there(sign_in):
    page = sign_in("tomas", java_script_enabled=False, viewport={"width": 375, "height": 800})
    page.set_default_timeout(AT_LEAST)
    page.goto("/studio/play?file=tac_meeting.bpmn")
    page.get_by_role("button", name="Begin again").click()
    page.get_by_role("button", name="A day later").click()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("Wait: 1 day")
    expect(page.get_by_role("region", name="Where the case stands")).to_contain_text("“Answer the checklist”")
    page.goto("/studio/outline?file=tac_meeting.bpmn")
    page.get_by_role("link", name="Try the scenarios with this draft").click()
    expect(page.get_by_role("heading", name="still go as it should?")).to_be_visible()
