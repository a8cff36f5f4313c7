"""What changes on a case: a disagreement, a move, a family that cannot be found, two CAFs that become one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import Relation
from engine.commands import case_processes, cases, concerns, consents, restrictions, user_tasks
from engine.errors import Conflict, Invalid
from engine.forms import InvalidAnswers
from engine.queries import case_file, case_starts, task_page, timeline
from engine.store import facts, relations
from engine.store.tables import changes, people, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

NO = {"settled": "no", "outcome": "Health sees it otherwise."}
YES = {"settled": "yes", "outcome": "Both, week by week."}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def begin(world: World, case_id: UUID, key: str, by: str = "hana", **answers: Any) -> UUID:
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key=key, answers=answers
    )


def about(world: World, case_id: UUID, element: str, by: str = "hana") -> dict[str, str]:
    task = world.task(element, case_id)
    return dict(task_page.task(world.engine, actor=world.actor(by), task_id=task.id).about)


def only(world: World, table: sa.Table, case_id: UUID) -> sa.Row[Any]:
    (row,) = world.rows(sa.select(table).where(table.c.case_id == case_id))
    return row


def story(world: World, case_id: UUID, by: str = "hana") -> str:
    told = timeline.read(world.engine, actor=world.actor(by), case_id=case_id)
    return " ".join(event.what for event in told.events)


def stands(world: World, name: str, case_id: UUID) -> Relation:
    with world.engine.sessions.read() as connection:
        return relations.of(connection, world.actor(name), case_id)


# Disagreements


def disagree(world: World, case_id: UUID, other: str | None = "noor") -> None:
    """Let Hana, whose manager is Morgan, disagree with somebody of the team: with Noor, whose manager is Sunniva."""
    with_whom = {"other_side": str(world.ids[other])} if other else {"other_side_words": "Bea Marsh, housing"}
    begin(world, case_id, "professional_disagreement", about="Whether mornings come first", **with_whom)


def asked(world: World, case_id: UUID, element: str) -> set[str]:
    """Return by first name who has an open task of an element."""
    have = {task.assignee_id for task in world.tasks(case_id, element=element)}
    return {name for name, id_ in world.ids.items() if id_ in have}


def met(world: World) -> UUID:
    """Walk a case to its first plan: Noor and Idris are on the team."""
    return start_and_walk_to(world, "agree_action_plan")


def test_both_sides_are_asked_at_every_stage_and_the_plan_goes_on(world: World) -> None:
    case_id = met(world)
    before = world.task("agree_action_plan", case_id)
    disagree(world, case_id)
    assert asked(world, case_id, "talk_it_through") == {"hana", "noor"}
    world.do("talk_it_through", "noor", case_id=case_id, **NO)
    assert only(world, changes.disagreements, case_id).stage == "managers"
    assert asked(world, case_id, "settle_between_managers") == {"morgan", "sunniva"}
    world.do("settle_between_managers", "morgan", case_id=case_id, **YES)
    assert asked(world, case_id, "settle_between_managers") == {"sunniva"}, "one side's yes settles nothing"
    world.do("settle_between_managers", "sunniva", case_id=case_id, **NO)
    assert only(world, changes.disagreements, case_id).stage == "senior_officers"
    world.do("decide_disagreement", "cleo", case_id=case_id, outcome="Mornings first")
    row = only(world, changes.disagreements, case_id)
    assert (row.outcome, row.settled_on, row.raised_by, row.other_side_id) == (
        "Mornings first", world.today, world.ids["hana"], world.ids["noor"],
    )  # fmt: skip
    answers = world.rows(sa.select(changes.disagreement_answers))
    assert {(each.stage, each.settled) for each in answers} == {
        ("practitioners", "no"), ("managers", "yes"), ("managers", "no"), ("senior_officers", "yes"),
    }  # fmt: skip
    assert world.history(case_id, "disagreement_sides_told")[-1].detail == {"told": 4}
    after = world.task("agree_action_plan", case_id)
    assert (after.id, after.version, after.due_on) == (before.id, before.version, before.due_on)
    assert "The disagreement was settled (Mornings first)" in story(world, case_id)
    assert not world.verified().findings


def test_it_is_settled_when_both_say_so_and_both_are_told(world: World) -> None:
    case_id = met(world)
    disagree(world, case_id)
    world.do("talk_it_through", "hana", case_id=case_id, **YES)
    assert only(world, changes.disagreements, case_id).settled_on is None
    world.do("talk_it_through", "noor", case_id=case_id, settled="yes", outcome="Mornings, then reading.")
    row = only(world, changes.disagreements, case_id)
    assert row.settled_on == world.today
    assert set(row.outcome.split("\n")) == {"Both, week by week.", "Mornings, then reading."}
    assert world.history(case_id, "disagreement_sides_told")[-1].detail == {"told": 2}
    world.mailbox.messages.clear()
    world.tick()
    assert "A disagreement you were part of is settled" in {each.subject for each in world.mailbox.messages}


def test_one_manager_of_both_sides_is_asked_once(world: World) -> None:
    case_id = met(world)
    disagree(world, case_id, "idris")
    world.do("talk_it_through", "hana", case_id=case_id, **NO)
    assert [task.assignee_id for task in world.tasks(case_id, element="settle_between_managers")] == [
        world.ids["morgan"]
    ]


def test_a_coordinator_stands_in_for_a_side_outside_the_team(world: World) -> None:
    case_id = met(world)
    disagree(world, case_id, other=None)
    assert asked(world, case_id, "talk_it_through") == {"hana"}
    world.do("talk_it_through", "hana", case_id=case_id, **NO)
    assert asked(world, case_id, "settle_between_managers") == {"morgan", "cleo"}


def test_senior_officers_decide_where_the_authority_has_named_them(world: World) -> None:
    case_id = met(world)
    disagree(world, case_id)
    world.do("talk_it_through", "hana", case_id=case_id, **NO)
    role = {"account_id": world.accounts["ada"], "role": "senior_officer", "from_on": world.today}
    new = {"id": world.engine.ids.new(), "authority_id": world.authority_id}
    world.write(sa.insert(people.account_roles).values(**new, **role))
    world.do("settle_between_managers", "morgan", case_id=case_id, **NO)
    assert world.task("decide_disagreement", case_id).candidate_groups == ["senior_officers"]


@pytest.mark.parametrize("other", ["hana", "piet"])
def test_the_other_side_is_somebody_else_of_the_team(world: World, other: str) -> None:
    case_id = met(world)
    with pytest.raises((Invalid, InvalidAnswers)):
        disagree(world, case_id, other)


def test_silence_passes_a_disagreement_on(world: World) -> None:
    case_id = met(world)
    disagree(world, case_id)
    world.do("talk_it_through", "hana", case_id=case_id, **YES)
    world.pass_days(3)
    assert asked(world, case_id, "settle_between_managers") == {"morgan", "sunniva"}
    world.pass_days(8)
    assert "decide_disagreement" in world.open_elements(case_id)
    assert only(world, changes.disagreements, case_id).stage == "senior_officers"
    with pytest.raises(Conflict):
        disagree(world, case_id)


# Moves


def ask(world: World, case_id: UUID, answer: str) -> None:
    said = {"transfer_consent": answer, "asked_on": world.today.isoformat(), "reason": "A fresh start"}
    world.do("ask_consent_to_send", "hana", case_id=case_id, **said, **({"given_by": "Jo"} if answer == "yes" else {}))


def sending(world: World) -> Mapping[str, Any]:
    return {"sent": "yes", "sent_to": "Early help, Leeds", "sent_what": ["plan"], "sent_on": world.today.isoformat()}


def taken_over(world: World) -> Mapping[str, Any]:
    return {"received": "yes", "received_by": "Ana Bell", "received_on": world.today.isoformat()}


def test_with_consent_the_papers_go_and_the_case_closes_when_the_new_area_has_taken_over(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "yes")
    offered = about(world, case_id, "send_papers")
    assert offered.pop("The papers").startswith("One paper") and offered == {"Moves to": "Leeds"}
    world.do("send_papers", "hana", case_id=case_id, **sending(world))
    world.pass_days(27)
    assert "confirm_transfer" not in world.open_elements(case_id)
    world.pass_days(1)
    world.do("confirm_transfer", "morgan", case_id=case_id, **taken_over(world))
    row = only(world, changes.transfers, case_id)
    assert (row.consent, row.sent_to, row.received_by) == ("yes", "Early help, Leeds", "Ana Bell")
    assert row.decision == "moved"
    assert world.case(case_id).closure_reason == "moved_authority"
    assert world.open_elements(case_id) == []
    assert world.incidents() == []


@pytest.mark.parametrize(("decision", "closed"), [("close", True), ("stay", False)])
def test_without_consent_nothing_is_sent_and_the_reason_is_kept(world: World, decision: str, closed: bool) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "no")
    assert "send_papers" not in world.open_elements(case_id)
    world.do("decide_without_papers", "morgan", case_id=case_id, move_decision=decision, why="They have gone")
    row = only(world, changes.transfers, case_id)
    assert (row.consent, row.reason, row.sent_on, row.ended_on) == ("no", "A fresh start", None, world.today)
    assert (world.case(case_id).closed_on is not None) is closed
    assert ("arrange_tac_meeting" in world.open_elements(case_id)) is not closed


def test_consent_withdrawn_meanwhile_stops_the_papers(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "yes")
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    with pytest.raises(Invalid, match="Nothing may be sent"):
        world.do("send_papers", "hana", case_id=case_id, **sending(world))
    assert only(world, changes.transfers, case_id).sent_on is None


def test_a_yes_taken_back_before_the_papers_go_keeps_them_here(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "yes")
    world.do("send_papers", "hana", case_id=case_id, sent="no", why_not_sent="They take them along themselves")
    row = only(world, changes.transfers, case_id)
    assert (row.consent, row.reason, row.sent_on) == ("no", "They take them along themselves", None)
    assert "decide_without_papers" in world.open_elements(case_id)


def test_a_family_that_comes_back_stays_with_its_plan(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "yes")
    world.do("send_papers", "hana", case_id=case_id, **sending(world))
    world.pass_days(28)
    world.do("confirm_transfer", "morgan", case_id=case_id, received="stays", why_stays="They are back")
    row = only(world, changes.transfers, case_id)
    assert (row.decision, row.ended_on, world.case(case_id).closed_on) == ("stay", world.today, None)
    assert "arrange_tac_meeting" in world.open_elements(case_id)


def test_the_database_lets_nothing_be_sent_without_consent(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    for wrong in ({"sent_on": world.today}, {"received_on": world.today}):
        with pytest.raises(Conflict):
            world.write(sa.update(changes.transfers).values(**wrong))


def test_an_open_concern_keeps_the_case_open(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "transfer", area="Leeds")
    ask(world, case_id, "no")
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    with pytest.raises(Invalid, match="while a safeguarding concern is open"):
        world.do("decide_without_papers", "morgan", case_id=case_id, move_decision="close", why="Gone")
    assert world.case(case_id).closed_on is None
    world.do("decide_without_papers", "morgan", case_id=case_id, move_decision="stay", why="Gone")


# A family that cannot be found


def missing(world: World) -> UUID:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "family_not_found", tried="Two visits")
    world.do("look_again", "hana", case_id=case_id, found="no", tried="The school has not seen Sam")
    return case_id


def test_fear_of_harm_opens_a_concern_that_social_care_must_answer(world: World) -> None:
    case_id = missing(world)
    world.do("decide_on_missing", "morgan", case_id=case_id, missing_decision="concern", why="Nobody has seen Sam")
    concern = only(world, record.concerns, case_id)
    assert (concern.what_happened, concern.ended_on) == ("Nobody has seen Sam", None)
    today = world.today.isoformat()
    world.do("acknowledge_concern", "ada", case_id=case_id, acknowledged_on=today, accepted="yes", note="They go")
    assert only(world, record.concerns, case_id).accepted is True
    assert world.case(case_id).closed_on is None
    assert "look_again" in world.open_elements(case_id)
    assert only(world, changes.family_searches, case_id).ended_on is None


def test_sharing_rests_until_the_family_is_found_and_a_manager_checks_for_harm(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    assert stands(world, "idris", case_id).member
    begin(world, case_id, "family_not_found", tried="Two visits")
    assert not stands(world, "idris", case_id).member
    assert stands(world, "hana", case_id).leads
    assert fact(world, case_id, "consent") in ("given", "limited")
    assert {"look_again", "check_for_harm"} <= set(world.open_elements(case_id))
    world.do("look_again", "hana", case_id=case_id, found="yes", tried="At an aunt's")
    assert stands(world, "idris", case_id).member
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home")
    assert world.instance(case_id, "family_not_found").status == "ended"


def test_nobody_is_invited_while_the_family_is_looked_for(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "family_not_found", tried="Two visits")
    with pytest.raises(Invalid, match="sharing rests"):
        world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))


def test_a_harm_check_that_is_not_made_is_chased_by_the_clock(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "family_not_found", tried="Two visits")
    before = len(world.history(case_id, "manager_alerted"))
    world.clock.advance(timedelta(hours=48, minutes=1))
    world.tick()
    assert len(world.history(case_id, "manager_alerted")) == before + 1
    assert "check_for_harm" in world.open_elements(case_id)


def test_the_manager_s_day_brings_the_search_back(world: World) -> None:
    case_id = missing(world)
    day = (world.today + timedelta(days=7)).isoformat()
    world.do(
        "decide_on_missing", "morgan", case_id=case_id, missing_decision="keep_looking", why="Seen", look_again_on=day
    )
    assert "look_again" not in world.open_elements(case_id)
    world.pass_days(7)
    world.do("look_again", "hana", case_id=case_id, found="yes", tried="At an aunt's")
    row = only(world, changes.family_searches, case_id)
    assert row.tried == "Two visits\nThe school has not seen Sam\nAt an aunt's"
    assert (row.found_on, row.ended_on) == (world.today, world.today)


GONE = {"missing_decision": "close", "why": "Abroad with relatives"}
NO_HARM = {"finding": "no_concern", "note": "The nursery has seen Sam"}
CHECK_OPEN = "while a check for harm is open"


def test_no_door_closes_a_case_whose_check_for_harm_is_open(world: World) -> None:
    case_id = missing(world)
    with pytest.raises(Invalid, match=CHECK_OPEN) as refused:
        world.do("decide_on_missing", "morgan", case_id=case_id, **GONE)
    assert refused.value.details["field"] == "missing_decision"
    assert CHECK_OPEN in about(world, case_id, "decide_on_missing", by="morgan")["Not yet"]
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="The father, by telephone")
    checks = {task.process_key: task for task in world.tasks(case_id, element="check_for_harm")}
    lost, withdrawn = checks["family_not_found"], checks["consent_withdrawn"]
    assert lost.name != withdrawn.name, "the same manager has both"
    user_tasks.complete(world.engine, actor=world.actor("morgan"), task_id=withdrawn.id, answers=NO_HARM)
    with pytest.raises(Invalid, match=CHECK_OPEN) as refused:
        world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    assert refused.value.details["field"] == "reason"
    user_tasks.complete(world.engine, actor=world.actor("morgan"), task_id=lost.id, answers=NO_HARM)
    world.do("decide_on_missing", "morgan", case_id=case_id, **GONE)
    assert world.case(case_id).closure_reason == "family_not_found"


def test_a_closure_signed_off_waits_for_the_check_for_harm(world: World) -> None:
    case_id = missing(world)
    world.do("check_for_harm", "morgan", case_id=case_id, **NO_HARM)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="The father, by telephone")
    world.do("check_for_harm", "morgan", case_id=case_id, **NO_HARM)
    written = answers_for(world, "close_case") | {"reason": "consent_withdrawn"}
    world.do("close_case", "hana", case_id=case_id, **written)
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    today = world.today.isoformat()
    world.do("acknowledge_concern", "ada", case_id=case_id, acknowledged_on=today, accepted="no", note="Not theirs")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closed_on is None, "social care has answered, and nobody has checked"
    world.do("check_for_harm", "morgan", case_id=case_id, **NO_HARM)
    assert world.case(case_id).closure_reason == "consent_withdrawn"


def test_nobody_closes_the_case_of_a_family_that_moved_over_a_check_for_harm(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    begin(world, case_id, "transfer", area="Leeds")
    refused = {"transfer_consent": "no", "reason": "A fresh start", "asked_on": world.today.isoformat()}
    world.do("ask_consent_to_send", "hana", case_id=case_id, **refused)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="The mother, by telephone")
    with pytest.raises(Invalid, match=CHECK_OPEN) as error:
        world.do("decide_without_papers", "morgan", case_id=case_id, move_decision="close", why="Gone")
    assert error.value.details["field"] == "move_decision"
    assert "check_for_harm" in world.open_elements(case_id)


def test_a_case_closed_for_it_says_so(world: World) -> None:
    case_id = missing(world)
    world.do("check_for_harm", "morgan", case_id=case_id, **NO_HARM)
    world.do("decide_on_missing", "morgan", case_id=case_id, **GONE)
    assert world.case(case_id).closure_reason == "family_not_found"
    assert "The case was closed: the family could not be found" in story(world, case_id)
    assert world.incidents() == []


# Two CAFs of one child


def two_cases(world: World) -> tuple[UUID, UUID]:
    """Return a case with a plan, and a second one of the same child, both led by Hana."""
    first = start_and_walk_to(world, "hold_review")
    second = start_and_walk_to(world, "arrange_tac_meeting")
    return first, second


def merge(world: World, here: UUID, other: UUID, continues: str, lead: str = "idris") -> None:
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two agencies began one each")
    said = about(world, here, "ask_family")
    assert said["This case"] == f"{world.case(here).reference}, led by Hana Verity"
    assert said["The other case"] == f"Sam Whitlock, {world.case(other).reference}, led by Hana Verity"
    world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="At last")
    world.do("decide_merge", "cleo", case_id=here, continues=continues, merged_lead=str(world.ids[lead]))


@pytest.mark.parametrize("continues", ["this", "other"])
def test_one_plan_goes_on_with_the_actions_of_both_and_the_other_closes_with_a_link(
    world: World, continues: str
) -> None:
    planned, second = two_cases(world)
    here, other = (second, planned) if continues == "this" else (planned, second)
    before = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == planned))
    merge(world, here, other, continues)
    closed, going_on = world.case(planned), world.case(second)
    assert (closed.closure_reason, going_on.closed_on) == ("merged", None)
    copies = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == second))
    same = ("action", "owner_id", "due_on", "first_due_on")
    assert [[row._mapping[name] for name in same] for row in copies] == [
        [row._mapping[name] for name in same] for row in before
    ]
    assert len(copies) == 1
    assert world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == planned)) == before
    link = only(world, changes.case_links, planned)
    assert (link.linked_id, link.kind) == (second, "merged")
    file = case_file.read(world.engine, actor=world.actor("cleo"), case_id=planned)
    assert [(each.case_id, each.continues, each.may_open) for each in file.links] == [(second, True, True)]
    file = case_file.read(world.engine, actor=world.actor("idris"), case_id=second)
    assert [(each.case_id, each.continues, each.may_open) for each in file.links] == [(planned, False, False)]
    assert world.open_elements(planned) == []
    assert "arrange_tac_meeting" in world.open_elements(second)
    lead = record.lead_professionals
    (leads,) = world.rows(sa.select(lead.c.practitioner_id).where(lead.c.case_id == second, lead.c.to_on.is_(None)))
    assert leads.practitioner_id == world.ids["idris"]
    assert "This case became part of another CAF of the child" in story(world, planned, "cleo")
    assert "The other CAF of the child was brought into this one, with 1 action" in story(world, second, "cleo")
    assert not world.verified().findings
    assert world.incidents() == []


def team(world: World, case_id: UUID) -> set[UUID]:
    member = record.case_members
    who = sa.select(member.c.practitioner_id).where(
        member.c.case_id == case_id, member.c.role == "member", member.c.to_on.is_(None)
    )
    return {row.practitioner_id for row in world.rows(who)}


def test_who_only_assessed_the_case_that_closes_is_told_and_knows_whom_to_ring(world: World) -> None:
    planned = start_and_walk_to(world, "agree_action_plan")
    second = world.start_case(by="noor")
    begin(world, planned, "merge_cafs", "cleo", other_case=str(second), why="Noor did not know of it")
    said = about(world, planned, "ask_family")["The other case"]
    assert said == f"Sam Whitlock, {world.case(second).reference}, nobody leads it yet, Noor Bakar assesses"
    world.write(sa.update(record.case_members).where(
        record.case_members.c.case_id == planned, record.case_members.c.practitioner_id == world.ids["noor"],
    ).values(to_on=world.today))  # fmt: skip
    world.do("ask_family", "hana", case_id=planned, merge_agreed="yes", family_view="At last")
    world.do("decide_merge", "cleo", case_id=planned, continues="this", merged_lead=str(world.ids["hana"]))
    world.pass_days(1)
    assert ": ring Hana Verity, 01632 960300, who may need to hear" in become_one(world)
    (link,) = case_file.read(world.engine, actor=world.actor("noor"), case_id=second).links
    assert (link.continues, link.may_open) == (True, False) and link.ring.startswith("Hana Verity")
    assert "brought into this one, with no open action" in story(world, planned, "cleo")


def become_one(world: World) -> str:
    """Return what Noor is written as her case becomes one with another."""
    subject = "A case you work on has become one with another of the same child"
    (mail,) = [each for each in world.mailbox.messages if "noor" in each.recipient and each.subject == subject]
    return mail.body


def test_who_leads_a_restricted_plan_that_goes_on_is_told_to_nobody(world: World) -> None:
    planned = start_and_walk_to(world, "agree_action_plan")
    second = world.start_case(by="noor")
    begin(world, planned, "merge_cafs", "cleo", other_case=str(second), why="Noor did not know of it")
    world.do("ask_family", "hana", case_id=planned, merge_agreed="yes", family_view="At last")
    own = (record.case_members.c.case_id == planned) & (record.case_members.c.practitioner_id == world.ids["noor"])
    world.write(sa.update(record.case_members).where(own).values(to_on=world.today))
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=planned, reason="She works for the council")
    world.do("decide_merge", "cleo", case_id=planned, continues="this", merged_lead=str(world.ids["hana"]))
    world.pass_days(1)
    said = become_one(world)
    assert ": ring a coordinator, who may need to hear" in said and "Hana" not in said


def test_the_whole_team_goes_over_with_its_plan(world: World) -> None:
    planned, second = two_cases(world)
    before = team(world, planned)
    assert before
    merge(world, planned, second, "other")
    assert before <= team(world, second)
    assert team(world, planned) == set()


@pytest.mark.parametrize("continues", ["this", "other"])
def test_no_plan_goes_on_to_which_the_family_does_not_agree(world: World, continues: str) -> None:
    """One plan for two must not carry people and actions to where the family lets nothing be shared."""
    here, other = (start_and_walk_to(world, "arrange_tac_meeting") for _ in range(2))
    stays = here if continues == "this" else other
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="Yes")
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=stays, why="Mother, by telephone")
    with pytest.raises(Invalid, match="consent of the family") as refused:
        world.do("decide_merge", "cleo", case_id=here, continues=continues, merged_lead=str(world.ids["idris"]))
    assert refused.value.details["field"] == "continues"
    assert world.case(here).closed_on is None
    assert world.case(other).closed_on is None


def test_without_the_family_both_go_on(world: World) -> None:
    first = start_and_walk_to(world, "complete_assessment")
    second = start_and_walk_to(world, "complete_assessment")
    begin(world, first, "merge_cafs", "cleo", other_case=str(second), why="Two began")
    task = world.task("ask_family", first)
    who = next(name for name, id_ in world.ids.items() if id_ == task.assignee_id)
    world.do("ask_family", who, case_id=first, merge_agreed="no", family_view="We like both")
    assert world.case(first).closed_on is None
    assert world.case(second).closed_on is None


def test_only_open_cases_of_the_same_child_are_offered(world: World) -> None:
    here = world.start_case()
    same, other = world.start_case(), world.start_case(given_name="Alex")
    closed = world.start_case()
    world.write(
        sa.update(record.cases)
        .where(record.cases.c.id == closed)
        .values(closed_on=world.today, closure_reason="needs_met")
    )
    page = case_starts.page(world.engine, actor=world.actor("cleo"), case_id=here, process_key="merge_cafs")
    assert [option.value for option in page.options["overlapping_cases"]] == [str(same)]
    with pytest.raises(InvalidAnswers):
        begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="x")


def test_a_child_known_as_another_name_is_offered_and_a_twin_is_not(world: World) -> None:
    here = world.start_case()
    for given, family, known in (("Samuel", "Hill", "Sam"), ("Ann", "Whitlock", ""), ("Samuel", "Whitlock", "")):
        child = cases.Child(given_name=given, family_name=family, known_as=known, born_on=date(2018, 3, 2))
        cases.start(world.engine, actor=world.actor("hana"), child=child)
    same = world.start_case()
    page = case_starts.page(world.engine, actor=world.actor("cleo"), case_id=here, process_key="merge_cafs")
    offered = [(option.value, option.label.split(",")[0]) for option in page.options["overlapping_cases"]]
    assert offered[0] == (str(same), "Sam Whitlock"), "who is called the same in everything comes first"
    assert [name for _, name in offered[1:]] == ["Sam Hill"]


def test_a_case_that_closed_meanwhile_is_said_in_words(world: World) -> None:
    here, other = (start_and_walk_to(world, "arrange_tac_meeting") for _ in range(2))
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="Yes")
    world.write(
        sa.update(record.cases)
        .where(record.cases.c.id == other)
        .values(closed_on=world.today, closure_reason="needs_met")
    )
    with pytest.raises(Conflict, match="nothing to bring together"):
        world.do("decide_merge", "cleo", case_id=here, continues="this", merged_lead=str(world.ids["idris"]))
    assert world.incidents() == []


def test_a_concern_on_the_case_that_would_close_is_settled_first(world: World) -> None:
    here, other = (start_and_walk_to(world, "arrange_tac_meeting") for _ in range(2))
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="Yes")
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=other, answers={})
    with pytest.raises(Invalid, match="while a safeguarding concern is open"):
        world.do("decide_merge", "cleo", case_id=here, continues="this", merged_lead=str(world.ids["idris"]))
    assert world.incidents() == []
    assert "decide_merge" in world.open_elements(here)


def test_children_of_one_name_and_another_birthday_are_two_children(world: World) -> None:
    here = world.start_case()
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2012, 1, 9))
    cases.start(world.engine, actor=world.actor("hana"), child=child)
    page = case_starts.page(world.engine, actor=world.actor("cleo"), case_id=here, process_key="merge_cafs")
    assert page.options["overlapping_cases"] == []


# What the rules see


def fact(world: World, case_id: UUID, name: str) -> Any:
    with world.engine.sessions.read() as connection:
        recorded = facts.gather(connection, [case_id])[case_id]
    return getattr(recorded, name)


def test_the_rules_see_who_disagrees_since_when(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    assert fact(world, case_id, "disagreement_stage") == "none"
    begin(world, case_id, "professional_disagreement", about="Mornings", other_side_words="Housing")
    assert (fact(world, case_id, "disagreement_stage"), fact(world, case_id, "disagreement_since")) == (
        "practitioners", world.today,
    )  # fmt: skip
    world.pass_days(1)
    world.do("talk_it_through", "hana", case_id=case_id, **NO)
    assert (fact(world, case_id, "disagreement_stage"), fact(world, case_id, "disagreement_since")) == (
        "managers", world.today,
    )  # fmt: skip
    world.do("settle_between_managers", "morgan", case_id=case_id, settled="yes", outcome="Both")
    assert fact(world, case_id, "disagreement_stage") == "managers", "Housing is outside: a coordinator stands in"
    world.do("settle_between_managers", "cleo", case_id=case_id, settled="yes", outcome="Both")
    assert fact(world, case_id, "disagreement_stage") == "none"


def test_the_rules_see_a_family_that_is_looked_for_and_start_no_second_search(world: World) -> None:
    case_id = missing(world)
    assert fact(world, case_id, "family_not_found") is True
    world.pass_days(2)
    assert world.open_elements(case_id).count("decide_on_missing") == 1
    world.do("decide_on_missing", "morgan", case_id=case_id, missing_decision="keep_looking", why="Seen",
             look_again_on=(world.today + timedelta(days=7)).isoformat())  # fmt: skip
    world.pass_days(7)
    world.do("look_again", "hana", case_id=case_id, found="yes", tried="At an aunt's")
    world.pass_days(2)
    assert fact(world, case_id, "family_not_found") is False
    assert len(world.history(case_id, "family_not_found")) == 1
    assert "look_again" not in world.open_elements(case_id)


def test_the_rules_see_that_a_successor_declined_until_it_is_settled(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    asked = {"planned_on": world.today.isoformat(), "reasons": "x"}
    begin(world, case_id, "handover", successor=str(world.ids["idris"]), **asked)
    told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine"}
    world.do("tell_family", "hana", case_id=case_id, **told)
    assert fact(world, case_id, "lead_declined_since") is None
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="declined", reason="Ill")
    assert fact(world, case_id, "lead_declined_since") == world.today
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="other_name", why="Noor")
    world.do("propose_handover", "morgan", case_id=case_id, successor=str(world.ids["noor"]), **asked)
    assert fact(world, case_id, "lead_declined_since") is None
    world.do("tell_family", "hana", case_id=case_id, **told)
    world.do("answer_handover", "noor", case_id=case_id, handover_answer="declined", reason="Ill")
    assert fact(world, case_id, "lead_declined_since") == world.today
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="lead_goes_on", why="Nobody else")
    assert fact(world, case_id, "lead_declined_since") is None
