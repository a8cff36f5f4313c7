"""The family withdraws consent: sharing stops in the same act, and a manager's harm check begins."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import consents, stalled_plans
from engine.errors import Invalid
from engine.queries import worklist
from engine.store import relations
from engine.store.tables import keeping, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, build_world, open_world

IN_FORCE = sa.select(record.consents.c.purpose, record.consents.c.answer).where(record.consents.c.to_on.is_(None))
SHARED = "A plan you are part of has been agreed"


def sees(world: World, username: str, case_id: UUID) -> bool:
    actor = world.actor(username)
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def test_sharing_stops_at_once_and_the_manager_is_asked(database_url: str) -> None:
    world = build_world(database_url)
    case_id = world.start_case()
    with pytest.raises(Invalid, match="Say who withdrew"):
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why=" ")
    member = {"id": world.engine.ids.new(), "case_id": case_id, "practitioner_id": world.ids["idris"]}
    member |= {"authority_id": world.authority_id, "role": "member", "from_on": world.today}
    world.write(sa.insert(record.case_members).values(**member))
    assert sees(world, "idris", case_id)
    first = consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    again = consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, once more")
    assert first == again
    third = {"actor": world.actor("hana"), "case_id": case_id, "why": "Father", "request_key": "r1"}
    assert [consents.withdraw(world.engine, **third) for _ in range(2)] == [first, first]
    told = world.history(case_id, "consent_withdrawal_told")
    payloads = world.rows(sa.select(keeping.history_payloads.c.event_id, keeping.history_payloads.c.body))
    said = {row.event_id: row.body for row in payloads}
    assert [said[event.id]["why"] for event in told] == ["Mother, by telephone", "Mother, once more", "Father"]
    assert [bool(event.detail.get("joined")) for event in told] == [False, True, True]
    answers = world.rows(sa.select(record.consents.c.answer).where(record.consents.c.purpose == "sharing"))
    assert [row.answer for row in answers] == ["withdrawn"]
    assert "check_for_harm" in world.open_elements(case_id)
    assert sees(world, "hana", case_id)
    assert not sees(world, "idris", case_id)
    world.close()


def test_nobody_of_the_team_is_asked_or_sees_anything_any_more(database_url: str) -> None:
    """An invitation that was not answered yet must not keep the record open to whoever was invited."""
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        asked = [task.assignee_id for task in world.tasks(case_id, element="reply_to_invitation")]
        invited = [name for name, id_ in world.ids.items() if id_ in asked]
        assert invited and all(sees(world, name, case_id) for name in invited)
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        assert "reply_to_invitation" not in world.open_elements(case_id)
        assert not any(sees(world, name, case_id) for name in invited)
        assert [worklist.tasks(world.engine, actor=world.actor(name)).rows for name in invited] == [()] * len(invited)


def test_an_open_task_does_not_show_a_team_member_what_may_not_be_shared(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        (task, *_) = world.tasks(case_id, element="reply_to_invitation")
        (name,) = [name for name, id_ in world.ids.items() if id_ == task.assignee_id]
        sharing = record.consents.c.purpose == "sharing"
        world.write(sa.update(record.consents).where(sharing).values(answer="refused"))
        assert not sees(world, name, case_id)
        assert sees(world, "hana", case_id)


@pytest.mark.parametrize(("task", "field"), [("arrange_tac_meeting", "invited"), ("choose_review", "way")])
def test_nobody_is_asked_anew_while_nothing_may_be_shared(database_url: str, task: str, field: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, task)
        answers = answers_for(world, task)
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        with pytest.raises(Invalid, match="nobody can be asked or invited") as refused:
            world.do(task, "hana", case_id=case_id, **answers)
        assert refused.value.details["field"] == field


@pytest.mark.parametrize("agreed_to_mag", [False, True])
def test_the_manager_s_stage_ends_when_consent_is_withdrawn_during_it(database_url: str, agreed_to_mag: bool) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_review")
        hana, day = world.actor("hana"), world.today.isoformat()
        if "discuss_stalled_plan" not in world.open_elements(case_id):
            stalled_plans.report(world.engine, actor=hana, case_id=case_id, reason="not_progressing", why="Stuck")
        if agreed_to_mag:
            talk = {"discussed_on": day, "tried": "Letters", "decision": "refer_to_mag", "next_step": "Ask them"}
            world.do("discuss_stalled_plan", "morgan", case_id=case_id, **talk)
            yes = {"mag_consent": "yes", "given_by": "Jo", "asked_on": day}
            world.do("ask_consent_for_mag", "hana", case_id=case_id, **yes)
        before = len(world.mailbox.messages)
        consents.withdraw(world.engine, actor=hana, case_id=case_id, why="Mother, by telephone")
        left = set(world.open_elements(case_id))
        assert left.isdisjoint({"discuss_stalled_plan", "ask_consent_for_mag", "refer_to_mag"})
        assert "check_for_harm" in left
        assert world.instance(case_id, "stalled_plan").status == "ended"
        assert {timer.element_id for timer in world.timers(case_id)}.isdisjoint({"chase_discussion"})
        stages = world.rows(sa.select(record.manager_discussions.c.ended_on))
        assert {row.ended_on for row in stages} == {world.today}
        in_force = {row.purpose: row.answer for row in world.rows(IN_FORCE)}
        assert in_force["sharing"] == "withdrawn"
        assert in_force.get("mag") in (("no",) if agreed_to_mag else (None,))
        world.tick()
        assert {message.subject for message in world.mailbox.messages[before:]}.isdisjoint({SHARED})
        assert world.instance(case_id, "stalled_plan").status == "ended", "the sweep does not start it again"
        assert world.incidents(case_id) == []
