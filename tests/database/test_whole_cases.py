"""Two whole cases on the calendar of 2026: one that goes well over Easter, one that stalls over two bank holidays.

Good Friday is 3 April, Easter Monday 6 April; 4 and 25 May are bank holidays; clocks go forward on 29 March.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.scheduler import Ticked
from engine.store.tables import record
from tests.episodes import agreed
from tests.worlds import World, build_world


class Case:
    """A case of the shipped models, told by dates."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id: UUID = world.start_case()

    def until(self, month: int, day: int) -> None:
        self.world.pass_days((date(2026, month, day) - self.world.today).days)

    def open(self) -> list[tuple[str, str | None]]:
        tasks = self.world.tasks(self.id)
        return sorted((task.element_id, task.due_on and task.due_on.isoformat()) for task in tasks)

    def do(self, element: str, by: str = "hana", **answers: Any) -> None:
        self.world.do(element, by, case_id=self.id, **answers)

    def reasons(self) -> set[str]:
        table = record.escalations
        query = sa.select(table.c.reason).where(table.c.case_id == self.id, table.c.ended_on.is_(None))
        return {row.reason for row in self.world.rows(query)}

    @property
    def today(self) -> str:
        return self.world.today.isoformat()

    def to_the_meeting(self) -> None:
        """Consent on 2 March, assessed by 10 March, a meeting arranged for Monday 30 March."""
        ids = self.world.ids
        assert self.open() == [("record_consent", "2026-03-09")]
        self.do("record_consent", consent="given", given_by="Jo Whitlock", signed_on=self.today)
        assert self.open() == [("complete_assessment", "2026-03-16")]
        self.until(3, 10)
        written = {"strengths": "A", "needs": "B", "conclusions": "C", "signed_by": "Jo"}
        self.do("complete_assessment", **written, completed_on=self.today)
        assert self.open() == [("appoint_lead_professional", "2026-03-17")]
        self.do("appoint_lead_professional", lead_professional=str(ids["hana"]), family_wishes="Hana", reasons="Near")
        assert self.open() == [("arrange_tac_meeting", "2026-03-31")]
        self.do(
            "arrange_tac_meeting", planned_on="2026-03-30", starts_at="16:00", venue="School",
            invited=[str(ids["idris"]), str(ids["noor"])],
        )  # fmt: skip
        reply, of_family = ("reply_to_invitation", "2026-03-25"), ("record_family_replies", "2026-03-25")
        assert self.open() == [("hold_tac_meeting", "2026-03-30"), of_family, reply, reply]
        (jo,) = self.world.family_that_came(self.id)
        self.do("record_family_replies", replies=[{"person": jo["person"], "reply": "coming"}])

    def to_the_plan(self) -> None:
        """The meeting written up and the plan agreed on 8 April."""
        self.until(4, 8)
        came = {"family_came": "yes", "attended": [str(self.world.ids["idris"])]}
        self.do("hold_tac_meeting", held_on="2026-03-30", notes="Well", **came, **agreed(self.world))
        self.do("finish_tac_meeting", family_has_it="yes")
        assert self.open() == [("agree_action_plan", "2026-04-15")]
        owner = str(self.world.ids["idris"])
        action = {"outcome": "Sleep", "action": "A bedtime", "owner": owner, "due_on": "2026-04-20"}
        self.do("agree_action_plan", outcomes=[{"outcome": "Sleep"}], actions=[action])


class Restarting(World):
    """A world whose service is restarted every Wednesday."""

    def tick(self) -> Ticked:
        if self.today.weekday() == 2:
            self.restart()
        return World.tick(self)


@pytest.fixture(params=["running", "restarted"])
def case(request: pytest.FixtureRequest) -> Case:
    """Give a new case, once on an engine that runs through and once on one restarted every week."""
    world = build_world()
    if request.param == "restarted":
        world = Restarting(world.engine, world.clock, world.authority_id, world.ids, world.accounts, world.mailbox)
    return Case(world)


def test_from_consent_to_closure_over_easter(case: Case) -> None:
    world = case.world
    case.to_the_meeting()
    case.do("reply_to_invitation", "idris", reply="attending")
    case.until(3, 30)
    assert len(world.tasks(case.id, element="reply_to_invitation")) == 1
    case.until(3, 31)
    # Noor did not answer by the end of the meeting's day, and is no longer asked.
    assert case.open() == [("hold_tac_meeting", "2026-03-30")]
    case.until(4, 7)
    assert world.history(case.id, "line_manager_told") == []
    case.until(4, 8)  # five working days after the meeting: Good Friday and Easter Monday do not count
    assert len(world.history(case.id, "line_manager_told")) == 1
    case.to_the_plan()
    assert case.open() == []
    (review,) = world.rows(sa.select(record.reviews))
    assert review.due_on == date(2026, 5, 20)
    case.until(4, 27)
    assert case.open() == []
    case.until(4, 28)  # fifteen working days before the review, 4 May left out
    # Ten working days before it people are to be invited, or asked for their updates.
    assert case.open() == [("choose_review", "2026-05-06")]
    case.until(5, 5)
    assert "review_not_invited" not in case.reasons()
    case.until(5, 6)
    assert "review_not_invited" in case.reasons()
    case.do("choose_review", way="updates")
    assert case.open() == [("give_update", "2026-05-13"), ("hold_review", "2026-05-20")]
    case.until(5, 7)
    assert "review_not_invited" not in case.reasons()
    actions = record.plan_actions
    (action,) = world.rows(sa.select(actions.c.id).where(actions.c.owner_id == world.ids["idris"]))
    said = {"action_id": str(action.id), "progress": "In bed by eight on most days"}
    case.do("give_update", "idris", updates=[said])
    case.until(5, 19)
    case.do("hold_review", held_on=case.today, outcome="better", notes="Asleep by eight", next_step="close")
    assert case.open() == [("close_case", "2026-06-03")]
    case.do("close_case", reason="needs_met", summary="Sam sleeps.", family_told="yes")
    assert case.open() == [("sign_off_closure", "2026-05-27")]
    case.do("sign_off_closure", "morgan", signed_off="yes")
    closed = world.case(case.id)
    assert (closed.closed_on, closed.closure_reason) == (date(2026, 5, 19), "needs_met")
    assert (case.open(), case.reasons(), world.timers(case.id), world.incidents()) == ([], set(), [], [])
    case.until(8, 3)
    assert world.case(case.id).version == closed.version
    assert not world.verified().findings


def test_a_plan_that_stalls_reaches_its_manager_and_then_the_group_with_consent(case: Case) -> None:
    world = case.world
    case.to_the_meeting()
    case.to_the_plan()
    case.until(4, 27)
    assert "action_late" not in case.reasons()
    case.until(4, 28)  # more than five working days after 20 April
    assert "action_late" in case.reasons()
    case.until(5, 7)
    assert "silent" in case.reasons()  # twenty working days after the plan was agreed, 4 May left out
    assert "discuss_stalled_plan" not in world.open_elements(case.id)
    case.until(5, 20)
    assert "discuss_stalled_plan" not in world.open_elements(case.id)
    case.until(5, 21)  # thirty
    assert "long_silent" in case.reasons()
    assert ("discuss_stalled_plan", "2026-05-29") in case.open()  # 25 May left out
    assert world.task("discuss_stalled_plan").assignee_id == world.ids["morgan"]

    case.until(5, 29)
    said = {"tried": "Much", "next_step": "A visit together"}
    case.do(
        "discuss_stalled_plan", "morgan", discussed_on=case.today, decision="support_agreed",
        next_step_on="2026-06-05", **said,
    )  # fmt: skip
    assert "discuss_stalled_plan" not in world.open_elements(case.id)
    case.until(6, 5)
    assert "discuss_stalled_plan" in world.open_elements(case.id)
    case.do("discuss_stalled_plan", "morgan", discussed_on=case.today, decision="refer_to_mag", **said)
    assert ("ask_consent_for_mag", "2026-06-12") in case.open()

    case.do("ask_consent_for_mag", mag_consent="no", given_by="Jo Whitlock", asked_on=case.today)
    assert "refer_to_mag" not in world.open_elements(case.id)
    case.do(
        "take_anonymous_advice", "morgan", advice="Ask again", next_step="Ask again", next_step_on="2026-06-12"
    )
    case.until(6, 12)
    case.do("discuss_stalled_plan", "morgan", discussed_on=case.today, decision="refer_to_mag", **said)
    case.do("ask_consent_for_mag", mag_consent="yes", given_by="Jo Whitlock", asked_on=case.today)
    case.do("refer_to_mag", reason="Stuck", tried="All", discussed_on=case.today, asked="A second worker")
    case.do("screen_papers", "cleo", papers_whole="yes", mag="Multi-Agency Group", meeting_on="2026-06-15")
    case.until(6, 15)
    case.do("decide_in_mag", "ada", mag_outcome="decided", decided_on=case.today, decision="A second worker")
    assert world.instance(case.id, "stalled_plan").status == "ended"
    assert "manager_stage_no_consent" not in case.reasons()
    started = [each.detail["process"] for each in world.history(case.id, "process_started")]
    assert started == ["caf_episode", "after_tac_meeting", "stalled_plan"]

    # Still silent, and the review is long overdue: ten working days later it counts as new.
    case.until(6, 26)
    assert "discuss_stalled_plan" not in world.open_elements(case.id)
    case.until(6, 29)
    assert "discuss_stalled_plan" in world.open_elements(case.id)
    assert world.incidents() == []
    assert not world.verified().findings
