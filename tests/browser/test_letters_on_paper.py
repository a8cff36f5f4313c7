"""A letter to a family as it is printed: the letter, and nothing of the service."""

from __future__ import annotations

import re

import pytest

from tests.unit.web.player import Play
from tests.unit.web.workers import day

pytestmark = pytest.mark.browser


def test_a_letter_is_printed_without_what_the_page_asks(service, sign_in, axe):
    play = Play(service)
    case_id = play.led("Sam")
    mother = {"name": "Tess Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/letters")
    assert axe(page) == []
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Tess Whitlock")).click()
    assert axe(page) == []
    asked = [page.get_by_text("Handed over"), page.get_by_text("Child at risk of harm?"), page.get_by_text("Sign out"),
             page.get_by_text("Help with this service")]  # fmt: skip
    assert all(each.is_visible() for each in asked)
    page.emulate_media(media="print")
    assert not any(each.is_visible() for each in asked)
    assert page.get_by_text("Dear Tess Whitlock,").is_visible()
    assert page.locator("main").get_by_text("Northcombe").first.is_visible()
