"""Who does not work with a child, in a browser: what they are told, an emergency, what the coordinator sees of it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pyotp
import pytest

from engine.scheduler import tick
from tests.worlds import Mailbox

pytestmark = pytest.mark.browser


def ask_for(page, given_name: str, year: str) -> None:
    page.goto("/cases")
    page.get_by_role("link", name="Ask whether a child").click()
    page.get_by_label("Given name").fill(given_name)
    page.get_by_label("Family name").fill("Whitlock")
    for part, text in (("Day", "2"), ("Month", "3"), ("Year", year)):
        page.get_by_label(part, exact=True).fill(text)
    page.get_by_role("button", name="Ask").click()


def test_a_child_is_known_and_an_emergency_opens_the_record_for_an_hour(service, sign_in, axe):
    case_id = service.start_case("Sam")
    page = sign_in("dele")
    page.goto("/cases/known")
    assert axe(page) == []
    page.get_by_role("button", name="Ask").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    ask_for(page, "Sam", "2018")
    page.get_by_role("heading", name="This child is known").wait_for()
    assert page.get_by_text("Amara Osei").count() and not page.get_by_text("Whitlock").count()
    assert axe(page) == []
    page.get_by_role("link", name="An emergency?").click()
    assert axe(page) == []
    page.get_by_label("Why do you need to read it now?").fill("A neighbour rang: the child is alone at home")
    page.get_by_role("button", name="Open the record for one hour").click()
    page.get_by_text("You read this record in an emergency").wait_for()
    assert axe(page) == []
    service.clock.advance(timedelta(minutes=5))
    page.get_by_role("button", name="I have seen what I needed").click()
    page.get_by_text("The record is closed to you again").wait_for()
    assert page.goto(f"/cases/{case_id}").status == 404

    page = sign_in("ines")
    page.goto("/access")
    assert axe(page) == []
    page.get_by_role("button", name="Keep what I found").click()
    page.locator(".govuk-error-summary a").click()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert axe(page) == []
    page.keyboard.type("Rightly opened: the lead was rung")
    page.get_by_role("button", name="Keep what I found").click()
    page.get_by_text("Ines Ferreira looked at it").wait_for()
    page.get_by_role("link", name=re.compile("^Looked")).click()
    page.get_by_text("In an emergency:").first.wait_for()
    page.get_by_text("Show some of them only").click()
    assert axe(page) == []


def test_a_match_on_a_restricted_case_alerts_the_coordinator_and_shows_the_asker_nothing(service, sign_in, axe):
    case_id = service.start_case("Rowan", born=date(2015, 3, 2))
    page = sign_in("ines")
    page.goto(f"/cases/{case_id}")
    assert axe(page) == []
    page.get_by_label("The family, or somebody for them, asked or complained").check()
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("link", name="Restrict this case").click()
    assert axe(page) == []
    page.get_by_label("Why is it to be restricted?").fill("The mother works for the council")
    page.get_by_role("button", name="Restrict this case").click()
    page.get_by_text("This case is restricted.").wait_for()
    page.get_by_role("link", name="Why this case is restricted").click()
    assert axe(page) == []

    page = sign_in("ruth")
    page.goto("/cases")
    assert not page.get_by_text("Rowan").count(), "not even the manager of who assesses it"
    page = sign_in("dele")
    ask_for(page, "Rowan", "2015")
    page.get_by_role("heading", name="Nobody of this name is known").wait_for()
    assert axe(page) == []
    tick(service.engine, Mailbox())

    page = sign_in("ines")
    page.goto("/access")
    page.get_by_role("heading", name="Asked for a restricted case").wait_for()
    assert page.get_by_text("Dele Martins Northcombe NHS asked for the child of").count() == 1
    assert axe(page) == []


def test_a_second_factor_is_set_up_and_asked_for(service, sign_in, axe):
    page = sign_in("amara")
    page.goto("/account/second-factor")
    assert axe(page) == []
    assert page.locator("svg").bounding_box()["width"] > 150
    app = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Six-digit code").fill(app.at(service.clock.now()))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("heading", name="Write these recovery codes down").wait_for()
    codes = page.locator("code").all_inner_texts()
    assert len(codes) == 10 and axe(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("User name").fill("amara")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Enter your code").wait_for()
    assert axe(page) == []
    page.get_by_label("Six-digit code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Amara Osei").first.wait_for()
    page.goto("/account/second-factor")
    assert axe(page) == []
