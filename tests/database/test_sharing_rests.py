"""Once sharing rests the case is for who keeps its record: nobody else is given work on it, or asked to lead it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import planning
from engine.casework.permissions import may_see_case
from engine.commands import case_processes, chasing, concerns, consents, lead_professionals, practitioners, user_tasks
from engine.errors import Invalid, NotFound
from engine.options import OUTSIDE, _people_for
from engine.queries import people as queried
from engine.queries import task_page, waiting, worklist
from engine.store import relations
from engine.store.tables import changes, keeping, people, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import CHECKLIST, World, open_world

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


NOT_ASKED = "nothing goes to another agency"


@pytest.mark.parametrize("delegate", [False, True], ids=["handed over", "delegated"])
def test_before_the_family_is_asked_work_stays_in_the_agency_of_who_assesses(database_url: str, delegate: bool) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case(identified=False)
        task = world.task("complete_checklist", case_id)
        hana = {"actor": world.actor("hana"), "task_id": task.id}
        for name in ("noor", "sunniva"):
            with pytest.raises(Invalid, match=NOT_ASKED) as refused:
                user_tasks.reassign(world.engine, **hana, to=world.ids[name], delegate=delegate)
            assert refused.value.details["field"] == "to"
        offered = {each.practitioner_id for each in task_page.task(world.engine, **hana).people}
        assert offered & set(world.ids.values()) == {world.ids[name] for name in ("idris", "morgan", "cleo")}
        user_tasks.reassign(world.engine, **hana, to=world.ids["idris"], delegate=delegate)
        assert sees(world, "idris", case_id)
        world.do("complete_checklist", "idris", case_id=case_id, **CHECKLIST)


def test_work_in_bulk_stays_in_the_agency_too_until_the_family_has_agreed(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "record_consent")

        def refused(to: str) -> list[str]:
            with world.engine.sessions.read() as connection:
                ids = [each.id for each in world.tasks(case_id)]
                found = planning.chosen(connection, world.actor("morgan"), ids, today=world.today)
                return [each.refused for each in planning.by_hand(found, world.ids[to])]

        assert refused("idris") == [""]
        assert NOT_ASKED in refused("noor")[0]
        world.do("record_consent", "hana", case_id=case_id, **answers_for(world, "record_consent"))
        assert refused("noor") == [""]


def test_what_waits_for_a_group_is_seen_by_its_members_of_the_same_agency_alone(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case(identified=False)
        task = world.task("complete_checklist", case_id)
        user_tasks.release(world.engine, actor=world.actor("hana"), task_id=task.id)

        def listed(who: str) -> list[UUID]:
            rows = worklist.tasks(world.engine, actor=world.actor(who), whose="unclaimed").rows
            return [row.task_id for row in rows]

        assert (listed("noor"), listed("idris"), listed("cleo")) == ([], [task.id], [task.id])
        with pytest.raises(NotFound):
            user_tasks.claim(world.engine, actor=world.actor("noor"), task_id=task.id)
        user_tasks.claim(world.engine, actor=world.actor("idris"), task_id=task.id)


def let_rest(world: World, case_id: UUID, why: str) -> None:
    search(world, case_id) if why == "not found" else answered(world, case_id, why)


WHAT_FIRST = {
    "withdrawn": "Ask the family about consent again",
    "refused": "Start a new case",
    "lapsed": "Ask the family about consent again",
    "not found": "Record first that the family was found",
}


@pytest.mark.parametrize("why", WHAT_FIRST)
def test_nobody_new_is_asked_to_lead_first_or_owns_an_action(database_url: str, why: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "appoint_lead_professional")
        let_rest(world, case_id, why)
        chosen = answers_for(world, "appoint_lead_professional")
        with pytest.raises(Invalid, match=WHAT_FIRST[why]) as refused:
            asked = {**chosen, "lead_professional": str(world.ids["idris"])}
            world.do("appoint_lead_professional", "hana", case_id=case_id, **asked)
        assert refused.value.details["field"] == "lead_professional"
        assert ("ask_again" in refused.value.details) is (why in ("withdrawn", "lapsed"))
        shown = task_page.task(
            world.engine, actor=world.actor("hana"), task_id=world.task("appoint_lead_professional", case_id).id
        )
        groups = {option.value: option.group for option in shown.options["leads"]}
        assert groups[str(world.ids["idris"])] == OUTSIDE != groups[str(world.ids["hana"])]
        world.do("appoint_lead_professional", "hana", case_id=case_id, **chosen)
        assert world.open_elements(case_id), "it goes on with who keeps the record"


@pytest.mark.parametrize("why", WHAT_FIRST)
def test_an_action_goes_to_nobody_new(database_url: str, why: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "agree_action_plan")
        let_rest(world, case_id, why)
        plan = answers_for(world, "agree_action_plan")
        (action,) = plan["actions"]
        plan["actions"] = [{**action, "owner": str(world.ids["hana"])}, {**action, "owner": str(world.ids["noor"])}]
        with pytest.raises(Invalid, match=WHAT_FIRST[why]) as refused:
            world.do("agree_action_plan", "hana", case_id=case_id, **plan)
        assert refused.value.details["field"] == "actions[1].owner"
        world.do("agree_action_plan", "hana", case_id=case_id, **{**plan, "actions": plan["actions"][:1]})


def test_an_action_that_somebody_had_stays_theirs_and_goes_to_nobody_else_new(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "agree_action_plan")
        plan = answers_for(world, "agree_action_plan")
        plan["actions"] = [{**plan["actions"][0], "owner": str(world.ids["idris"])}]
        world.do("agree_action_plan", "hana", case_id=case_id, **plan)
        answered(world, case_id, "withdrawn")
        (action,) = world.rows(sa.select(record.plan_actions))

        def give(to: str) -> None:
            due_on = (world.today + timedelta(days=30)).isoformat()
            row = {"action_id": str(action.id), "becomes": "changed", "owner": str(world.ids[to]), "due_on": due_on}
            said = {"plan_changed": "yes", "actions_now": [row], "why": "It takes longer", "family_view": "Fine"}
            if "change_action_plan" not in world.open_elements(case_id):
                hana = {"actor": world.actor("hana"), "case_id": case_id}
                case_processes.start(world.engine, **hana, process_key="change_plan", answers={})
            world.do("change_action_plan", "hana", case_id=case_id, **said)

        with pytest.raises(Invalid, match="no part in this plan yet") as refused:
            give("noor")
        assert refused.value.details["field"] == "actions_now[0].owner"
        give("idris")
        give("hana")


def test_a_concern_needs_no_consent_and_a_child_is_never_without_somebody_to_ring(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        withdraw(world, case_id)
        said = {"what_happened": "A bruise on the arm", "danger_now": "no"}
        concerns.raise_concern(world.engine, actor=world.actor("noor"), case_id=case_id, answers=said)
        assert sees(world, "ada", case_id)
        world.write(
            sa.update(people.practitioners)
            .where(people.practitioners.c.name == "Hana Verity")
            .values(left_on=world.today - timedelta(days=1))
        )
        lead_professionals.appoint_interim(
            world.engine, actor=world.actor("morgan"), case_id=case_id, practitioner_id=world.ids["idris"],
            reasons="Hana has left",
        )  # fmt: skip
        assert sees(world, "idris", case_id)


@pytest.mark.parametrize("answer", ["withdrawn", "lapsed", "unasked", "limited", "given"])
def test_nobody_of_an_agency_that_nothing_is_shared_with_leads_in_between(database_url: str, answer: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting")
        mine = (record.consents.c.case_id == case_id) & (record.consents.c.purpose == "sharing")
        if answer == "unasked":
            world.write(sa.delete(record.consents).where(mine))
        else:
            answered(world, case_id, answer)
        practitioners.record_absence(
            world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today
        )
        morgan, shared = world.actor("morgan"), answer == "given"
        offered = queried.to_lead_between(world.engine, actor=morgan, case_id=case_id)
        assert not offered.led
        names = {each.name for each in offered.people}
        assert "Hana Verity" not in names, "she is the one who is away"
        assert ("Noor Bakar" in names) is shared and bool(offered.kept_out) is not shared
        form = forms_options(world, case_id)
        assert (form["Noor Bakar, Teacher, Northcombe School"] == OUTSIDE) is not shared
        with world.engine.sessions.read() as connection:
            leads = {case_id: world.ids["noor"]}
            (piece,) = planning.of_leads(connection, morgan, leads, today=world.today)
        assert bool(piece.refused) is not shared
        act = {"actor": morgan, "case_id": case_id, "practitioner_id": world.ids["noor"]}
        if shared:
            lead_professionals.appoint_interim(world.engine, **act)
            return
        with pytest.raises(Invalid) as refused:
            lead_professionals.appoint_interim(world.engine, **act)
        assert refused.value.details["field"] == "practitioner_id"
        assert not sees(world, "noor", case_id)
        if answer != "limited":
            assert "Or choose somebody of the agency of who led or assesses" in refused.value.message
            assert "Idris Cole" in names and form["Idris Cole, School nurse, Northcombe Health"] != OUTSIDE
            lead_professionals.appoint_interim(world.engine, **{**act, "practitioner_id": world.ids["idris"]})
            assert sees(world, "idris", case_id)


def forms_options(world: World, case_id: UUID) -> dict[str, str]:
    """Return the group under which each person stands who may be chosen to lead in between, by how they are named."""
    with world.engine.sessions.read() as connection:
        found = _people_for(connection, ["interim_leads"], world.authority_id, case_id, None)
    return {each.label: each.group for each in found["interim_leads"]}


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
