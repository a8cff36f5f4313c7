"""While sharing rests nobody is written to who may not open the case: not by a reminder, an escalation or a diagram."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands import between_meetings, case_processes, consents
from engine.errors import Invalid
from engine.operations.resting import GONE
from engine.reminders import addressees
from engine.store import locking
from engine.work import open_work
from tests.database.test_mag_referrals import referred
from tests.database.test_sharing_rests import answered, sees
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

FAREWELLS = {GONE, "A meeting you were asked to is called off", "You are no longer part of a plan"}
"""What ends somebody's part on the day itself, and says nothing of the case."""


def start(world: World, case_id: UUID, by: str, process_key: str, **said: object) -> None:
    case_processes.start(world.engine, actor=world.actor(by), case_id=case_id, process_key=process_key, answers=said)


def meeting_called(world: World) -> UUID:
    """Ask Idris and Noor to a meeting in a fortnight, of whom neither has answered."""
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    return case_id


def absent_twice(world: World) -> UUID:
    """Hold two meetings that Noor was asked to, where nobody of hers came and no report."""
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    said = answers_for(world, "hold_tac_meeting")
    world.do("hold_tac_meeting", "hana", case_id=case_id, **{**said, "family_came": "no", "family": []})
    again = {"planned_on": (world.today + timedelta(days=5)).isoformat(), "starts_at": "16:00", "venue": "School"}
    again |= {"why": "They did not come"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    world.do("hold_tac_meeting", "hana", case_id=case_id, **said)
    return case_id


def actions_owed(world: World, *owners: str) -> UUID:
    """Agree a plan of which each of `owners`, Idris and Noor unless told else, owes an action."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = answers_for(world, "agree_action_plan")
    plan["actions"] = [{**plan["actions"][0], "owner": str(world.ids[who])} for who in owners or ("idris", "noor")]
    world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    return case_id


def updates_asked(world: World) -> UUID:
    """Ask the owners how their actions go, for a review without a meeting."""
    case_id = actions_owed(world)
    while "choose_review" not in world.open_elements(case_id):
        world.pass_days(1)
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    return case_id


def disputed(world: World) -> UUID:
    """Let Noor see something about the plan differently from Hana; nobody has answered."""
    case_id = actions_owed(world)
    said = {"about": "How often he is seen", "other_side": str(world.ids["hana"])}
    start(world, case_id, "noor", "professional_disagreement", **said)
    return case_id


def handed_over(world: World) -> UUID:
    """Ask Noor to lead from a later day on; she has agreed."""
    case_id = actions_owed(world)
    later = (world.today + timedelta(days=20)).isoformat()
    start(world, case_id, "hana", "handover", successor=str(world.ids["noor"]), planned_on=later, reasons="Knows them")
    told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "They like her."}
    world.do("tell_family", "hana", case_id=case_id, **told)
    world.do("answer_handover", "noor", case_id=case_id, handover_answer="accepted")
    return case_id


def paused(world: World) -> UUID:
    """Let the plan rest for two weeks."""
    case_id = actions_owed(world)
    until = (world.today + timedelta(days=14)).isoformat()
    start(world, case_id, "morgan", "pause", paused_until=until, reason="In hospital")
    return case_id


STAGES = (referred, updates_asked, meeting_called, absent_twice, actions_owed, disputed, handed_over, paused)
"""Those that take a while first: the clock is one."""


def let_rest(world: World, case_id: UUID, why: str) -> None:
    """Let sharing stop in the way that people bring about."""
    if why == "not found":
        start(world, case_id, "hana", "family_not_found", tried="Rang, wrote, called")
    elif why == "withdrawn":
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    else:
        answered(world, case_id, why)


def sent(world: World) -> list[tuple[str, str, UUID]]:
    """Take out of the mailbox what left: to whom, under which subject, about which case."""
    while world.tick().sent:
        pass  # each time a part leaves
    names = {id_: name for name, id_ in world.ids.items()}
    found = [(names[mail.practitioner_id], mail.subject, mail.case_id) for mail in world.mailbox.messages]
    world.mailbox.messages.clear()
    return found


@pytest.mark.parametrize("why", ["withdrawn", "lapsed", "not found"])
def test_nobody_is_written_to_who_may_not_open_the_case(database_url: str, why: str) -> None:
    """Ada, the safeguarding lead, hears of what nobody has done for a child: that is her office."""
    with open_world(database_url) as world:
        cases = {stage(world): stage.__name__ for stage in STAGES}
        sent(world)
        for case_id in cases:
            let_rest(world, case_id, why)
        wrong = []
        for day in range(45):
            for who, subject, case_id in sent(world):
                ends = day == 0 and subject in FAREWELLS
                if who != "ada" and not ends and not sees(world, who, case_id):
                    wrong.append(f"{cases[case_id]}, day {day}: {who}, {subject}")
            for case_id in cases:
                if day == 1 and "check_for_harm" in world.open_elements(case_id):
                    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="None")
            world.clock.advance(timedelta(days=1))
        assert not wrong, "\n".join(wrong)
        assert world.incidents() == []


TOLD = {
    "given": {"action_owner": {"noor"}, "owners_manager": {"sunniva"}},
    "for Noor alone": {"action_owner": {"noor"}, "owners_manager": {"morgan"}},
    "withdrawn": {"action_owner": {"hana"}, "owners_manager": {"morgan"}},
    "not found": {"action_owner": {"hana"}, "owners_manager": {"morgan"}},
}
"""Whom the rules mean of a late action of Noor's: she and her manager are of another agency than who leads."""


@pytest.mark.parametrize("why", TOLD)
def test_who_leads_and_their_manager_stand_in_for_those_of_whom_the_case_is_none(database_url: str, why: str) -> None:
    with open_world(database_url) as world:
        case_id = actions_owed(world, "noor")
        if why == "for Noor alone":
            said = {"consent": "limited", "given_by": "Jo", "signed_on": world.today.isoformat(), "scope": "Noor"}
            said |= {"people": [str(world.ids["noor"])], "kinds": ["plan"]}
            start(world, case_id, "hana", "ask_consent_again", **said)
        elif why != "given":
            let_rest(world, case_id, why)
        world.clock.advance(timedelta(days=30))
        names = {id_: name for name, id_ in world.ids.items()}
        with world.engine.sessions.act() as connection:
            line = locking.case(connection, case_id)
            work = open_work(world.engine, connection, line, actor=None, at=world.clock.now())
            meant = {word: {names[each] for each in addressees(work, word)} for word in TOLD[why]}
        assert meant == TOLD[why]


def test_nobody_writes_to_the_team_of_a_family_that_cannot_be_reached(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = actions_owed(world)
        said = {"actor": world.actor("hana"), "case_id": case_id, "body": "She sleeps", "to": [world.ids["noor"]]}
        between_meetings.write_to_team(world.engine, **said)
        let_rest(world, case_id, "not found")
        with pytest.raises(Invalid, match="cannot be reached") as refused:
            between_meetings.write_to_team(world.engine, **said)
        assert refused.value.details["field"] == "to"
