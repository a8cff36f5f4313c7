"""The family takes back its yes to the multi-agency group, while a referral waits or before."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import case_processes, consents, stalled_plans, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_file, mag_queue, worklist
from engine.store import relations
from engine.store.tables import record
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


def referred(world: World) -> UUID:
    """Bring a case to the group; return its id."""
    case_id, day = start_and_walk_to(world, "hold_review"), world.today.isoformat()
    if "discuss_stalled_plan" not in world.open_elements(case_id):
        hana = world.actor("hana")
        stalled_plans.report(world.engine, actor=hana, case_id=case_id, reason="not_progressing", why="Stuck")
    talk = {"discussed_on": day, "tried": "Letters", "decision": "refer_to_mag", "next_step": "Ask them"}
    world.do("discuss_stalled_plan", "morgan", case_id=case_id, **talk)
    yes = {"mag_consent": "yes", "given_by": "Jo", "asked_on": day}
    world.do("ask_consent_for_mag", "hana", case_id=case_id, **yes)
    papers = {"reason": "Stuck", "tried": "Letters", "discussed_on": day, "asked": "A second worker"}
    world.do("refer_to_mag", "hana", case_id=case_id, **papers)
    meeting_on = (world.today + timedelta(days=14)).isoformat()
    whole = {"papers_whole": "yes", "mag": "Multi-Agency Group", "meeting_on": meeting_on}
    world.do("screen_papers", "cleo", case_id=case_id, **whole)
    return case_id


def group_sees(world: World, case_id: UUID) -> bool:
    actor = world.actor("ada")
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def take_back(world: World, case_id: UUID, by: str = "hana", why: str = "Mother, by telephone") -> None:
    consents.withdraw_mag(world.engine, actor=world.actor(by), case_id=case_id, why=why)


def test_a_yes_taken_back_ends_the_referral_and_gives_the_plan_to_the_manager(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        (before,) = world.rows(sa.select(record.manager_discussions))
        assert group_sees(world, case_id)
        with pytest.raises(Invalid, match="Say who"):
            take_back(world, case_id, why=" ")
        with pytest.raises(NotPermitted):
            take_back(world, case_id, by="ada")
        world.clock.advance(timedelta(days=4))
        take_back(world, case_id)
        open_now = set(world.open_elements(case_id))
        assert "take_anonymous_advice" in open_now
        assert "decide_in_mag" not in open_now
        assert not group_sees(world, case_id)
        (ended,) = world.rows(sa.select(record.mag_referrals))
        assert (ended.ended_on, ended.decided_on) == (world.today, None)
        (after,) = world.rows(sa.select(record.manager_discussions))
        assert (after.opened_on, after.ended_on) == (before.opened_on, None), "stalled as long as before"
        with pytest.raises(Conflict, match="has not agreed"):
            take_back(world, case_id)
        assert world.incidents(case_id) == []


def test_consent_to_share_withdrawn_ends_a_referral_without_a_decision(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        assert "decide_in_mag" not in world.open_elements(case_id)
        (ended,) = world.rows(sa.select(record.mag_referrals))
        assert (ended.ended_on, ended.decided_on) == (world.today, None)
        assert not group_sees(world, case_id)


@pytest.mark.parametrize("claimed", [False, True])
def test_while_nobody_can_reach_the_family_the_group_sees_nothing_and_decides_nothing(
    database_url: str, claimed: bool
) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        task, hana = world.task("decide_in_mag", case_id).id, world.actor("hana")
        if claimed:
            user_tasks.claim(world.engine, actor=world.actor("ada"), task_id=task)
        tried = {"tried": "Rang, wrote, called"}
        case_processes.start(world.engine, actor=hana, case_id=case_id, process_key="family_not_found", answers=tried)
        for roles in (("mag_member",), ()):
            ada = world.actor("ada", *roles)
            with world.engine.sessions.read() as connection:
                assert not may_see_case(ada, relations.of(connection, ada, case_id))
            assert mag_queue.waiting(world.engine, actor=ada) == ()
            assert worklist.tasks(world.engine, actor=ada, whose="unclaimed").rows == ()
            for look in (case_file.read, worklist.task):
                about = {"case_id": case_id} if look is case_file.read else {"task_id": task}
                with pytest.raises(NotFound):
                    look(world.engine, actor=ada, **about)
            said = {"mag_outcome": "put_off", "why": "Snow", "meeting_on": (world.today + timedelta(30)).isoformat()}
            for act in (user_tasks.claim, partial(user_tasks.complete, answers=said)):
                with pytest.raises((NotFound, NotPermitted)):
                    act(world.engine, actor=ada, task_id=task)
        (row,) = mag_queue.waiting(world.engine, actor=world.actor("cleo"))
        assert row.case_id == case_id, "whose question it is keeps its place in the queue"
        world.do("look_again", "hana", case_id=case_id, found="yes", tried="She rang back")
        assert group_sees(world, case_id)
        assert [each.case_id for each in mag_queue.waiting(world.engine, actor=world.actor("ada"))] == [case_id]
        world.clock.advance(timedelta(days=14))
        decided = {"mag_outcome": "decided", "decided_on": world.today.isoformat(), "decision": "Housing comes"}
        world.do("decide_in_mag", "ada", case_id=case_id, **decided)


def test_the_case_page_says_how_long_a_referral_has_waited_however_often_it_is_put_off(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        first = world.today
        world.clock.advance(timedelta(days=14))
        later = (world.today + timedelta(days=7)).isoformat()
        world.do("decide_in_mag", "ada", case_id=case_id, mag_outcome="put_off", why="Snow", meeting_on=later)
        (referral,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).mag_referrals
        assert (referral.referred_on, referral.put_off, referral.waiting) == (first, 1, 10)
        assert str(referral.meeting_on) == later


def test_the_group_sees_what_waits_with_its_age_until_it_has_decided(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        world.clock.advance(timedelta(days=14))
        (row,) = mag_queue.waiting(world.engine, actor=world.actor("ada"))
        assert (row.case_id, row.days, row.mag, row.put_off) == (case_id, 10, "Multi-Agency Group", 0)
        with pytest.raises(NotPermitted):
            mag_queue.waiting(world.engine, actor=world.actor("hana"))
        said = {"mag_outcome": "decided", "decided_on": world.today.isoformat(), "decision": "Housing comes"}
        world.do("decide_in_mag", "ada", case_id=case_id, **said)
        assert mag_queue.waiting(world.engine, actor=world.actor("ada")) == ()


def test_the_group_s_own_actions_are_no_reason_to_ask_anew_what_is_in_the_way(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = referred(world)
        world.pass_days(15)
        world.mailbox.messages.clear()
        late = {"action": "Repair the roof", "outcome": "A dry room", "owner": str(world.ids["noor"])}
        action = {**late, "due_on": (world.today + timedelta(days=60)).isoformat()}
        decided = {"mag_outcome": "decided", "decided_on": world.today.isoformat(), "decision": "Housing repairs"}
        world.do("decide_in_mag", "ada", case_id=case_id, **decided, actions=[action])
        for _ in range(2):
            world.tick()
        assert half_late(world, case_id) == "1 of 2 open actions are overdue."
        assert "discuss_stalled_plan" not in world.open_elements(case_id)
        assert world.instance(case_id, "stalled_plan").status == "ended"
        told = [each.subject for each in world.mailbox.messages if each.recipient.startswith("morgan")]
        assert "A case needs you" not in told
        world.pass_days(13)
        assert "discuss_stalled_plan" not in world.open_elements(case_id)
        world.pass_days(1)
        assert "discuss_stalled_plan" in world.open_elements(case_id), "ten working days, and it is still so"
        assert not world.incidents(case_id)


def half_late(world: World, case_id: UUID) -> str | None:
    table = record.escalations
    holds = (table.c.case_id == case_id) & table.c.ended_on.is_(None)
    said = {row.reason: row.sentence for row in world.rows(sa.select(table).where(holds))}
    return said.get("half_of_actions_late")
