"""What scenarios say of a change, where somebody approves it."""

from __future__ import annotations

from html import unescape

import pytest

from engine.commands import publishing, second_person
from tests.unit.web.service import Service
from tests.unit.web.test_publishing_pages import FILE, renamed


@pytest.mark.parametrize(("element", "says"), [
    ("discuss_stalled_plan", "1 scenario was tried with this change and went as it says: It begins."),
    ("ask_consent_for_mag", "1 scenario of 1 went otherwise than it says."),
])  # fmt: skip
def test_whoever_approves_sees_which_scenarios_were_tried(service: Service, element: str, says: str) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    begins = f"name: It begins\ndiagram: stalled_plan\nbegins: alone\nsteps:\n  - expect: [{{open: {element}}}]\n"
    files = {FILE: renamed(), "begins.scenario.yaml": begins.encode()}
    done = publishing.propose(service.engine, actor=service.actor("tomas"), files=files, why="They asked for it")
    page = service.signed_in("ines").get(f"/studio/publish/{done.proposal_id}")
    assert says in unescape(page)
