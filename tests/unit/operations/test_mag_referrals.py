"""A referral to the multi-agency group: papers, the coordinator's look, the group's meeting and its actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.store.tables import record
from engine.store.tables.people import authorities
from tests.small_files import service
from tests.unit.bpmn.diagrams import user
from tests.unit.operations.conftest import OneCase
from tests.worlds import model

TODAY = date(2026, 3, 2)
PAPERS = {"reason": "Stuck", "tried": "All", "asked": "A second worker", "discussed_on": "2026-03-02"}
ACCEPTED = {"papers_whole": "yes", "mag": "North", "meeting_on": "2026-03-18"}


@pytest.fixture
def agreed(case: OneCase) -> OneCase:
    """Give a case whose manager has talked with the lead and whose family says yes to the group."""
    said = {"decision": "refer_to_mag", "tried": "Much", "next_step": "A visit", "discussed_on": "2026-03-02"}
    case.answer("record_manager_discussion", "morgan", **said)
    case.answer("record_mag_consent", mag_consent="yes", given_by="Mother", asked_on="2026-03-02")
    return case


def test_papers_begin_a_referral_and_end_the_manager_s_stage(agreed: OneCase) -> None:
    assert agreed.answer("refer_to_mag", **PAPERS) == {"referred_on": str(TODAY)}
    kept = agreed.row(record.mag_referrals)
    assert (kept.referred_on, kept.reason, kept.asked, kept.discussed_on) == (TODAY, "Stuck", PAPERS["asked"], TODAY)
    assert (kept.decided_on, kept.ended_on, kept.meeting_on) == (None, None, None)
    assert agreed.row(record.manager_discussions).ended_on == TODAY
    assert agreed.last("referred_to_mag").subject_id == kept.id


def test_nothing_is_referred_without_the_family_s_consent(case: OneCase) -> None:
    with pytest.raises(Invalid, match="has not agreed"):
        case.answer("refer_to_mag", **PAPERS)


def test_papers_that_came_back_stay_one_referral_from_its_first_day(agreed: OneCase) -> None:
    agreed.answer("refer_to_mag", **PAPERS)
    assert agreed.answer("screen_mag_papers", papers_whole="no", missing="Who was asked") == {"papers_whole": "no"}
    assert agreed.row(record.mag_referrals).missing == "Who was asked"
    agreed.world.clock.advance(timedelta(days=3))
    assert agreed.answer("refer_to_mag", **PAPERS | {"tried": "More"}) == {"referred_on": str(TODAY)}
    kept = agreed.row(record.mag_referrals)
    assert (kept.referred_on, kept.papers_sent_on, kept.tried, kept.missing) == (
        TODAY, TODAY + timedelta(days=3), "More", "",
    )  # fmt: skip


def test_a_meeting_that_is_put_off_changes_neither_the_first_day_nor_the_referral(agreed: OneCase) -> None:
    agreed.answer("refer_to_mag", **PAPERS)
    agreed.answer("screen_mag_papers", **ACCEPTED)
    said: Any = agreed.answer("record_mag_decision", mag_outcome="put_off", why="Snow", meeting_on="2026-04-15")
    assert said == {"mag_outcome": "put_off", "meeting_on": "2026-04-15"}
    kept = agreed.row(record.mag_referrals)
    assert (kept.mag, kept.meeting_on, kept.put_off) == ("North", date(2026, 4, 15), 1)
    assert (kept.referred_on, kept.decided_on, kept.ended_on) == (TODAY, None, None)


def test_the_group_cannot_have_met_before_the_plan_was_referred(agreed: OneCase) -> None:
    agreed.answer("refer_to_mag", **PAPERS)
    with pytest.raises(Invalid, match="referred on 2 March 2026") as early:
        agreed.answer("screen_mag_papers", **ACCEPTED | {"meeting_on": "2026-03-01"})
    assert early.value.details["field"] == "meeting_on"
    agreed.answer("screen_mag_papers", **ACCEPTED)
    with pytest.raises(Invalid, match="referred on 2 March 2026"):
        agreed.answer("record_mag_decision", mag_outcome="put_off", why="Snow", meeting_on="2026-02-27")


def test_the_decision_s_actions_go_on_the_plan_with_owner_and_date(agreed: OneCase) -> None:
    agreed.answer("refer_to_mag", **PAPERS)
    agreed.answer("screen_mag_papers", **ACCEPTED)
    idris = agreed.world.ids["idris"]
    action = {"action": "Housing visits", "owner": str(idris), "due_on": "2026-04-01"}
    decided = {"mag_outcome": "decided", "decision": "Housing comes", "decided_on": "2026-03-18", "actions": [action]}
    with pytest.raises(Invalid, match="meets on 18 March 2026: it cannot have decided before") as early:
        agreed.answer("record_mag_decision", **decided | {"decided_on": "2026-03-17"})
    assert early.value.details["field"] == "decided_on"
    agreed.world.clock.advance(timedelta(days=16))
    assert agreed.answer("record_mag_decision", **decided) == {"mag_outcome": "decided"}
    on_plan = agreed.row(record.plan_actions)
    assert (on_plan.action, on_plan.owner_id, on_plan.due_on) == ("Housing visits", idris, date(2026, 4, 1))
    kept = agreed.row(record.mag_referrals)
    held = date(2026, 3, 18)
    assert (kept.decision, kept.decided_on, kept.ended_on) == ("Housing comes", held, held)
    assert idris in {row.practitioner_id for row in agreed.rows(record.case_members)}


@pytest.mark.parametrize(
    ("lacking", "words"), [("owner", "who will do"), ("due_on", "date the action is due")]
)
def test_no_action_of_the_group_is_without_owner_or_date(agreed: OneCase, lacking: str, words: str) -> None:
    agreed.answer("refer_to_mag", **PAPERS)
    action = {"action": "Housing visits", "owner": str(agreed.world.ids["idris"]), "due_on": "2026-04-01"}
    action.pop(lacking)
    with pytest.raises(Invalid, match=words):
        agreed.answer("record_mag_decision", mag_outcome="decided", decision="Housing comes", actions=[action])
    assert agreed.row(record.mag_referrals).ended_on is None


@pytest.mark.parametrize(
    ("meetings", "due_on"), [([], "2026-03-09"), (["2026-03-18"], "2026-03-11"), (["2026-03-04"], "2026-03-09")]
)
def test_papers_are_due_so_many_working_days_before_the_meeting(
    case: OneCase, meetings: list[str], due_on: str
) -> None:
    profile = {"mags": [{"name": "North", "meetings": meetings}]}
    case.world.write(sa.update(authorities).values(profile=profile, version=authorities.c.version + 1))
    given = '<camunda:inputParameter name="papers_ahead">=5</camunda:inputParameter>'
    inside = f"<extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></extensionElements>"
    served = service("serve", "find_mag_meeting").replace("></service", f">{inside}</service")
    look = user("look", camunda_candidateGroups="case_workers")
    case.world.deploy({"meeting.bpmn": model(served, look, way="start serve; serve look; look end", key="meeting")})
    case.world.start_process(case.id, "meeting")
    (looking,) = case.world.tasks(case.id, element="look")
    assert looking.variables == {"papers_due_on": due_on}
