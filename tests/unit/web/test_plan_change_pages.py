"""A plan looked at anew, advice of social care, another plan that leads and a disagreement, on pages and by API."""

import re
from uuid import uuid4

import pytest

from tests.unit.web.player import Play
from tests.unit.web.test_json_api import Program
from tests.unit.web.workers import day

COUNTS = {"outcomes_now-count": "1", "actions_now-count": "1", "outcomes-count": "1", "actions-count": "1"}
"""The page holds a row for each thing on the plan, and an empty one for what may be new."""
SAID = {"why": "Mornings are still hard.", "family_view": "Sam wants to walk."}


@pytest.fixture
def play(service):
    return Play(service)


def rows(visitor):
    """Return the ids that the page of a change of the plan holds for what is on it."""
    names = r"(?:outcomes|actions)_now-\d+-(?:outcome|action)_id"
    found = re.findall(rf'name="({names})" value="([0-9a-f-]+)"', visitor.page)
    assert found, visitor.page
    return dict(found)


def task_page(play, username, task):
    visitor = play.at(username, "/tasks")
    link = re.search(rf'<a class="govuk-link" href="(/tasks/[0-9a-f-]+)">{re.escape(task)}</a>', visitor.page)
    assert link, f"{username} has no task {task}"
    visitor.get(link.group(1))
    return visitor


def test_the_lead_changes_the_plan_from_the_case_page(play):
    case_id = play.planned()
    play.starts("amara", case_id, "change_plan")
    held = rows(task_page(play, "amara", "Agree what changes"))
    play.of("amara").does(
        "Agree what changes", plan_changed="yes", **SAID, **COUNTS, **held,
        **{
            "outcomes_now-0-becomes": "stays", "actions_now-0-becomes": "dropped", "actions_now-0-why": "It is far.",
            "actions-0-outcome": "Calm mornings", "actions-0-action": "Walk together",
            "actions-0-owner": play.ids["amara"],
            **{f"actions-0-{name}": text for name, text in day("due_on", play.today).items()},
        },
    )  # fmt: skip
    play.reads(
        "amara", case_id, "Walk together", "Given up", "It is far.", "it changed. Mornings are still hard.",
        "The plan was changed: 1 added, 1 given up",
    )  # fmt: skip
    path = f"/cases/{case_id}/plan"
    now = play.at("amara", path)
    assert f"{path}?version=2&amp;beside=1" in now.page
    first = play.at("amara", f"{path}?version=1")
    assert first.says("How did Sam Whitlock’s plan stand on", "Meet Sam at the gate")
    assert not first.says("Walk together")
    both = play.at("amara", f"{path}?version=2&beside=1")
    assert both.says("What has changed in Sam Whitlock’s plan?", "Walk together", "Not on the plan", "It is far.")
    assert play.at("amara", f"{path}?version=9").status == 404


def test_a_plan_that_stays_needs_nothing_but_why(play):
    case_id = play.planned()
    play.starts("amara", case_id, "change_plan")
    held = rows(task_page(play, "amara", "Agree what changes"))
    stays = {"outcomes_now-0-becomes": "stays", "actions_now-0-becomes": "stays"}
    play.of("amara").does("Agree what changes", plan_changed="no", **SAID, **COUNTS, **held, **stays)
    play.reads("amara", case_id, "it stayed as it is. Mornings are still hard.")


def test_an_empty_row_adds_nothing(play):
    case_id = play.planned()
    play.starts("amara", case_id, "change_plan")
    held = rows(task_page(play, "amara", "Agree what changes"))
    play.of("amara").does(
        "Agree what changes", plan_changed="yes", **SAID, **COUNTS, **held,
        **{"outcomes_now-0-becomes": "stays", "actions_now-0-becomes": "changed"},
        **{"actions_now-0-owner": play.ids["amara"]},
    )  # fmt: skip
    play.reads("amara", case_id, "The plan was changed: 1 changed")


def test_advice_of_social_care_stands_on_the_case(play):
    case_id = play.planned()
    play.starts("amara", case_id, "consult_social_care")
    play.of("amara").does("May the family be named?", consultation_consent="not_asked", family_view="They are away.")
    manager = next(name for name in play.ids if play.has_task(name, "Ask social care"))
    assert play.at(manager, "/tasks").status == 200
    visitor = task_page(play, manager, "Ask social care")
    assert visitor.says("They were not asked: ask without anything that could identify them")
    play.of(manager).does(
        "Ask social care", way="anonymous", asked_whom="Bea Marsh, duty team", advice="Go on.", advice_next="goes_on",
        next_step="Ring the school", **day("asked_on", play.today),
        **day("next_step_on", play.today.replace(day=min(28, play.today.day + 1))),
    )  # fmt: skip
    play.reads("amara", case_id, "without naming the family (Bea Marsh, duty team): Go on.", "Ring the school")


def test_another_plan_that_leads_is_said_where_the_lead_was(play):
    case_id = play.planned()
    play.starts(
        "amara", case_id, "other_plan", linked_plan="child_protection", key_worker="Bea Marsh, 01632 960101",
        how_known="The conference's letter", **day("since_on", play.today),
    )  # fmt: skip
    play.reads("amara", case_id, "Key worker", "Bea Marsh, 01632 960101 (child protection plan)")
    visitor = task_page(play, "amara", "What goes on here?")
    assert visitor.says("Child protection plan")


def test_both_sides_of_a_disagreement_are_asked(play):
    case_id = play.planned()
    asked = play.at("amara", f"/cases/{case_id}/start/professional_disagreement").page
    assert play.ids["dele"] in asked and f'value="{play.ids["amara"]}"' not in asked, "nobody disagrees with themselves"
    play.starts(
        "amara", case_id, "professional_disagreement", other_side=play.ids["dele"], about="Whether mornings come first",
    )  # fmt: skip
    assert play.has_task("amara", "Talk the disagreement through")
    assert task_page(play, "dele", "Talk the disagreement through").says("Amara Osei and Dele Martins")
    for who in ("amara", "dele"):
        play.of(who).does("Talk the disagreement through", settled="yes", outcome="Mornings first.")
    play.reads("amara", case_id, "by the two of them: Mornings first.")


def test_a_program_starts_a_change_and_sees_it_refused_twice(service, play):
    case_id = play.planned()
    amara = Program(service, "amara")
    path = f"/cases/{case_id}/processes/change_plan"
    begun = {"answers": {}, "request_key": str(uuid4())}
    first = amara("POST", path, json=begun)
    assert first.status_code == 201, first.json
    again = amara("POST", path, json=begun | {"request_key": str(uuid4())})
    assert again.status_code == 409
