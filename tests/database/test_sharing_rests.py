"""Once sharing rests the case is for who keeps its record: nobody else is given work on it, or asked to lead it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import case_processes, chasing, consents, user_tasks
from engine.errors import Invalid, NotFound
from engine.queries import task_page, waiting, worklist
from engine.store import relations
from engine.store.tables import changes, keeping, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

NOT_SHARED = "Nothing of this case may be shared now"


def sees(world: World, username: str, case_id: UUID) -> bool:
    actor = world.actor(username)
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def withdraw(world: World, case_id: UUID) -> None:
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")


def answered(world: World, case_id: UUID, answer: str) -> None:
    """Let the family's answer be another one, as of today."""
    mine = (record.consents.c.case_id == case_id) & (record.consents.c.purpose == "sharing")
    world.write(sa.update(record.consents).where(mine).values(answer=answer))


def search(world: World, case_id: UUID) -> None:
    own = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": case_id}
    world.write(sa.insert(changes.family_searches).values(**own, opened_on=world.today, tried="Rang, wrote, called"))


@pytest.mark.parametrize("why", ["withdrawn", "refused", "lapsed", "not found"])
def test_work_is_given_to_nobody_who_does_not_keep_the_record(database_url: str, why: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        if why == "not found":
            search(world, case_id)
        else:
            answered(world, case_id, why)
        task = world.task("arrange_tac_meeting", case_id)
        hana = {"actor": world.actor("hana"), "task_id": task.id}
        for name in ("noor", "idris", "sunniva"):
            for delegate in (False, True):
                with pytest.raises(Invalid, match=NOT_SHARED) as refused:
                    user_tasks.reassign(world.engine, **hana, to=world.ids[name], delegate=delegate)
                assert refused.value.details["field"] == "to"
        offered = {each.practitioner_id for each in task_page.task(world.engine, **hana).people}
        assert offered & set(world.ids.values()) == {world.ids["morgan"], world.ids["cleo"]}
        user_tasks.reassign(world.engine, **hana, to=world.ids["morgan"], delegate=True)
        assert sees(world, "morgan", case_id)


@pytest.mark.parametrize("to", ["noor", "sunniva"])
def test_what_was_given_before_is_with_who_leads_again_and_shows_the_case_no_more(database_url: str, to: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        hand_over(world, case_id, "idris")
        task = world.task("tell_family", case_id)
        hana = world.actor("hana")
        user_tasks.reassign(world.engine, actor=hana, task_id=task.id, to=world.ids[to], delegate=True)
        other = world.task("arrange_tac_meeting", case_id)
        user_tasks.reassign(world.engine, actor=hana, task_id=other.id, to=world.ids[to])
        assert sees(world, to, case_id)
        search_for = {"actor": world.actor(to)}
        assert worklist.tasks(world.engine, **search_for).rows
        withdraw(world, case_id)
        assert not sees(world, to, case_id) and not sees(world, "sunniva", case_id)
        assert worklist.tasks(world.engine, **search_for).rows == ()
        with pytest.raises(NotFound):
            worklist.task(world.engine, actor=world.actor(to), task_id=other.id)
        assert {each.assignee_id for each in world.tasks(case_id)} <= {world.ids["hana"], world.ids["morgan"], None}


def hand_over(world: World, case_id: UUID, to: str) -> None:
    said = {"successor": str(world.ids[to]), "planned_on": world.today.isoformat(), "reasons": "She knows them."}
    case_processes.start(world.engine, actor=world.actor("hana"), case_id=case_id, process_key="handover", answers=said)


@pytest.mark.parametrize("asked", [False, True])
def test_a_handover_stops_and_who_leads_and_the_manager_are_told_why(database_url: str, asked: bool) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        hand_over(world, case_id, "idris")
        if asked:
            told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "They like him."}
            world.do("tell_family", "hana", case_id=case_id, **told)
            assert sees(world, "idris", case_id)
        withdraw(world, case_id)
        assert not {"tell_family", "answer_handover"} & set(world.open_elements(case_id))
        assert worklist.tasks(world.engine, actor=world.actor("idris")).rows == ()
        assert not sees(world, "idris", case_id)
        assert "shared" in world.history(case_id, "handover_called_off")[0].why
        stopped = "A handover has stopped: nothing of the case may be shared, so nobody new is asked to lead it"
        letters = world.rows(sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject == stopped))
        assert {row.practitioner_id for row in letters} == {world.ids["hana"], world.ids["morgan"]}
        with pytest.raises(Invalid, match="nobody new can be asked to lead") as refused:
            hand_over(world, case_id, "noor")
        assert refused.value.details["field"] == "successor"
        assert world.incidents() == []


def test_on_the_chosen_day_nobody_new_becomes_lead_of_a_family_nobody_can_reach(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        later = (world.today + timedelta(days=5)).isoformat()
        said = {"successor": str(world.ids["idris"]), "planned_on": later, "reasons": "He knows them."}
        hana = {"actor": world.actor("hana"), "case_id": case_id}
        case_processes.start(world.engine, **hana, process_key="handover", answers=said)
        told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "They like him."}
        world.do("tell_family", "hana", case_id=case_id, **told)
        world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
        search(world, case_id)
        world.pass_days(6)
        leads = record.lead_professionals
        now = world.rows(sa.select(leads.c.practitioner_id).where(leads.c.to_on.is_(None)))
        assert [row.practitioner_id for row in now] == [world.ids["hana"]]
        assert "confer_on_lead" in world.open_elements(case_id)
        assert world.incidents() == []


def test_before_the_family_is_asked_work_is_given_as_ever(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "record_consent")
        task = world.task("record_consent", case_id)
        user_tasks.reassign(world.engine, actor=world.actor("hana"), task_id=task.id, to=world.ids["idris"])
        assert sees(world, "idris", case_id)
        world.do("record_consent", "idris", case_id=case_id, **answers_for(world, "record_consent"))


def test_nobody_is_asked_how_an_action_gets_on_of_a_case_that_is_none_of_theirs(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "agree_action_plan")
        plan = answers_for(world, "agree_action_plan")
        plan["actions"] = [{**plan["actions"][0], "owner": str(world.ids["idris"])}]
        world.do("agree_action_plan", "hana", case_id=case_id, **plan)
        hana = world.actor("hana")

        def may_ask() -> list[bool]:
            rows = waiting.read(world.engine, actor=hana)
            return [each.can_ask for each in rows if each.row.assignee_id == world.ids["idris"]]

        assert True in may_ask()
        withdraw(world, case_id)
        assert True not in may_ask()
        (action,) = world.rows(sa.select(record.plan_actions.c.id))
        with pytest.raises(Invalid, match="not asked how it gets on"):
            chasing.ask_about_action(world.engine, actor=hana, action_id=action.id)
