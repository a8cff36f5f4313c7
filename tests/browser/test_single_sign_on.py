"""Signing in with one's organisation in a browser: each way that it goes says what to do next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.settings import SingleSignOn
from tests.browser.conftest import serving
from tests.unit.web.organisation import CLIENT, Organisation, running

pytestmark = pytest.mark.browser
AMARA = {"sub": "s-17", "email": "amara@example.org", "email_verified": True, "name": "Amara Osei"}
WITH = "Sign in with Northcombe Council"


@pytest.fixture
def organisation() -> Iterator[Organisation]:
    with running() as found:
        found.person = dict(AMARA)
        yield found


@pytest.fixture
def visitor(tmp_path, organisation, browser) -> Iterator[Page]:
    """Give a browser at a service whose people sign in with `organisation`."""
    offered = SingleSignOn(organisation.issuer, *CLIENT, called="Northcombe Council")
    with serving(tmp_path, single_sign_on=offered) as (_, address):
        page = browser.new_page(base_url=address)
        page.set_default_timeout(10_000)
        yield page
        page.context.close()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_the_first_time_and_again_they_come_to_the_page_they_wanted(visitor, organisation, axe):
    visitor.goto("/cases")
    assert axe(visitor) == []
    visitor.get_by_role("button", name=WITH).click()
    visitor.wait_for_url("**/cases")
    visitor.get_by_role("link", name="Amara Osei").click()
    assert visitor.get_by_text("You are signed in with Northcombe Council").is_visible()
    assert axe(visitor) == []
    visitor.get_by_role("button", name="Sign out", exact=True).click()
    heading(visitor, "You are signed out here")
    assert axe(visitor) == []
    visitor.get_by_role("link", name="Sign out of your organisation too").click()
    heading(visitor, "Sign in")
    organisation.person = {"sub": "s-17"}
    visitor.get_by_role("button", name=WITH).click()
    visitor.wait_for_url("**/tasks")
    assert visitor.get_by_role("link", name="Amara Osei").is_visible()


def test_who_is_not_known_reads_with_what_address_they_came_and_may_come_as_another(visitor, organisation, axe):
    organisation.person = {"sub": "x", "email": "wren@example.org", "email_verified": True}
    visitor.goto("/sign-in")
    visitor.get_by_role("button", name=WITH).click()
    heading(visitor, "There is no account for you here")
    assert visitor.get_by_text("signed you in as wren@example.org").is_visible()
    assert axe(visitor) == []
    organisation.person = dict(AMARA)
    visitor.get_by_role("link", name="Try again with your organisation").click()
    visitor.wait_for_url("**/tasks")
    assert organisation.asked["prompt"] == "select_account", "else it would send the same account again"


def test_cancelled_there_is_said_and_tried_again(visitor, organisation):
    organisation.refuses = "access_denied"
    visitor.goto("/sign-in")
    visitor.get_by_role("button", name=WITH).click()
    heading(visitor, "You are not signed in")
    assert visitor.get_by_text("was cancelled, or it did not let you in").is_visible()
    organisation.refuses = "server_error"
    visitor.get_by_role("link", name="Try again with your organisation").click()
    assert visitor.get_by_text("did not work, or took too long").is_visible()
    visitor.get_by_role("link", name="Sign in another way").click()
    heading(visitor, "Sign in")


def test_while_the_organisation_is_away_a_password_of_ours_still_opens(tmp_path, browser, axe):
    away = SingleSignOn("http://127.0.0.1:9", *CLIENT, called="Northcombe Council")
    with serving(tmp_path, single_sign_on=away) as (_, address):
        page = browser.new_page(base_url=address)
        page.goto("/sign-in")
        page.get_by_role("button", name=WITH).click()
        heading(page, "Not available just now")
        assert page.get_by_text("sign-in does not answer").is_visible()
        assert axe(page) == []
        page.get_by_role("link", name="Sign in another way").click()
        page.get_by_label("User name").fill("amara")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/tasks")
        page.context.close()
