"""The page that starts something on a case, in a real browser: its questions come and go as a task's do."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.unit.web.player import Play


def test_a_page_that_starts_something_asks_as_a_task_does(service, sign_in, axe):
    case_id = Play(service).led("Ria")
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/start/handover")
    successor, asked = page.get_by_label("Who is to lead next?"), page.get_by_label("Whom did you ask")
    expect(successor).to_be_visible()
    expect(asked).to_be_hidden()
    page.get_by_label("Nobody can be found").check()
    expect(successor).to_be_hidden()
    expect(asked).to_be_visible()
    page.get_by_label("Nobody can be found").uncheck()
    expect(successor).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("Nobody can be found").check()
    expect(asked).to_be_visible()
    expect(successor).to_be_visible()
    page.context.set_offline(False)
    assert axe(page) == []
