"""Two CAFs of one child become one only as far as both families' consent goes, and nothing that runs is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import case_processes, consents, restrictions, stalled_plans
from engine.errors import Invalid
from engine.queries import case_file, overdue, task_page, timeline
from engine.store import relations
from engine.store.merge_matters import Extent
from engine.store.tables import changes, record
from tests.database.test_mag_referrals import referred
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def begin(world: World, case_id: UUID, key: str, by: str = "hana", **answers: Any) -> None:
    case_processes.start(world.engine, actor=world.actor(by), case_id=case_id, process_key=key, answers=answers)


def planned(world: World) -> UUID:
    """Return a case with an agreed plan: Hana leads, Noor and Idris are on the team, Hana has an action."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    return case_id


def to_decide(world: World) -> tuple[UUID, UUID]:
    """Return two planned cases of one child; on the first it is to be decided which plan goes on."""
    here, other = planned(world), planned(world)
    agree(world, here, other)
    return here, other


def agree(world: World, here: UUID, other: UUID) -> None:
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="At last")


def decide(world: World, here: UUID, continues: str = "this", lead: str = "hana") -> None:
    answers = {} if continues == "both" else {"merged_lead": str(world.ids[lead])}
    world.do("decide_merge", "cleo", case_id=here, continues=continues, **answers)


def refused(world: World, here: UUID, continues: str, match: str, lead: str = "hana") -> None:
    with pytest.raises(Invalid, match=match):
        decide(world, here, continues, lead)
    assert "decide_merge" in world.open_elements(here)
    assert world.incidents() == []


def withdraw(world: World, case_id: UUID) -> None:
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother")
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Nothing")


def ask_again(world: World, case_id: UUID, consent: str = "given", **answers: Any) -> None:
    said = {"consent": consent, "given_by": "Jo", "signed_on": world.today.isoformat(), **answers}
    begin(world, case_id, "ask_consent_again", **said)


def only_idris(world: World, case_id: UUID) -> None:
    ask_again(world, case_id, "limited", scope="Only Idris", people=[str(world.ids["idris"])], kinds=["plan"])


def sees(world: World, name: str, case_id: UUID) -> bool:
    with world.engine.sessions.read() as connection:
        return may_see_case(world.actor(name), relations.of(connection, world.actor(name), case_id))


def actions(world: World, case_id: UUID) -> list[Any]:
    table = record.plan_actions
    return world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.closed_on.is_(None)))


def about(world: World, case_id: UUID) -> dict[str, str]:
    task = world.task("decide_merge", case_id)
    return dict(task_page.task(world.engine, actor=world.actor("cleo"), task_id=task.id).about)


def told(world: World, words: str) -> set[str]:
    """Return who has a message with these words in its subject, by what stands before the @."""
    return {each.recipient.split("@")[0] for each in world.mailbox.messages if words in each.subject}


def story(world: World, case_id: UUID) -> str:
    read = timeline.read(world.engine, actor=world.actor("cleo"), case_id=case_id)
    return " ".join(event.what for event in read.events)


# Consent


def test_what_a_family_took_back_on_the_case_that_would_close_goes_nowhere(world: World) -> None:
    here, other = to_decide(world)
    withdraw(world, other)
    assert "Its family does not agree to information being shared" in about(world, here)["The other case"]
    refused(world, here, "this", "does not agree to information of the case that would close")
    refused(world, here, "other", "consent of the family")
    assert world.case(other).closed_on is None
    ask_again(world, other)
    decide(world, here)
    assert world.case(other).closure_reason == "merged"


@pytest.mark.parametrize(("lost", "said"), [(0, "on the plan that goes on"), (1, "on the case that would close")])
def test_nothing_is_brought_together_while_the_family_of_one_cannot_be_found(
    world: World, lost: int, said: str
) -> None:
    cases = to_decide(world)
    begin(world, cases[lost], "family_not_found", tried="Rang, and went there")
    if lost == 1:
        refused(world, cases[0], "this", "while a check for harm is open|cannot be reached")
        world.do("check_for_harm", "morgan", case_id=cases[1], finding="no_concern", note="Nothing")
    refused(world, cases[0], "this", f"cannot be reached {said}")
    assert "Its family cannot be reached" in about(world, cases[0])[("This case", "The other case")[lost]]


def test_a_plan_shared_with_few_goes_into_none_that_more_may_read(world: World) -> None:
    here, other = to_decide(world)
    only_idris(world, other)
    assert "limits what is shared" in about(world, here)["The other case"]
    refused(world, here, "this", "shared with more people, more of what is known")
    only_idris(world, here)
    refused(world, here, "this", "does not cover Noor", lead="noor")
    decide(world, here)
    assert not sees(world, "noor", here)
    assert sees(world, "idris", here)


def test_the_plan_shared_with_few_may_itself_go_on(world: World) -> None:
    here, other = to_decide(world)
    only_idris(world, other)
    decide(world, here, "other")
    assert world.case(here).closure_reason == "merged"
    assert not sees(world, "noor", other)
    assert {row.owner_id for row in actions(world, other)} == {world.ids["hana"]}


def test_a_restricted_case_goes_into_none_that_is_not(world: World) -> None:
    here, other = to_decide(world)
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=other, reason="She works for the council")
    refused(world, here, "this", "Fewer people may know")


A, B = uuid4(), uuid4()
SCHOOL, HEALTH = uuid4(), uuid4()
EVERYBODY = Extent(None, frozenset(), None, None)


def extent(people: set[UUID], agencies: set[UUID] | None = None, until: date | None = None) -> Extent:
    return Extent(frozenset(agencies or ()), frozenset(people), None, until)


@pytest.mark.parametrize(
    ("mine", "theirs", "further"),
    [
        (EVERYBODY, EVERYBODY, []),
        (extent({A}), EVERYBODY, []),
        (EVERYBODY, extent({A}), ["with more people"]),
        (extent({A}), extent({A, B}), []),
        (extent({A, B}), extent({A}), ["with more people"]),
        (extent({A}), extent(set(), {SCHOOL}), []),
        (extent({B}), extent(set(), {SCHOOL}), ["with more people"]),
        (extent(set(), {SCHOOL}), extent({A}), ["with more people"]),
        (extent(set(), {SCHOOL}), extent(set(), {SCHOOL, HEALTH}), []),
        (EVERYBODY, Extent(None, frozenset(), None, date(2026, 6, 1)), ["for longer"]),
        (extent({A}, until=date(2026, 6, 1)), extent({A}, until=date(2026, 6, 1)), []),
        (extent({A}, until=date(2026, 6, 2)), extent({A}, until=date(2026, 6, 1)), ["for longer"]),
        (Extent(None, frozenset(), None, None), Extent(frozenset(), frozenset({A}), frozenset({"plan"}), None),
         ["with more people", "more of what is known"]),
        (Extent(frozenset(), frozenset(), frozenset(), None), Extent(frozenset(), frozenset(), frozenset(), None), []),
        (Extent(frozenset(), frozenset(), frozenset({"plan", "notes"}), None),
         Extent(frozenset(), frozenset(), frozenset({"plan"}), None), ["more of what is known"]),
    ],
)  # fmt: skip
def test_one_yes_goes_further_than_another(mine: Extent, theirs: Extent, further: list[str]) -> None:
    assert mine.beyond(theirs, {A: SCHOOL, B: HEALTH}) == further


# What runs on the case that would close


def test_a_move_whose_papers_went_is_not_lost(world: World) -> None:
    here, other = to_decide(world)
    begin(world, other, "transfer", area="Hillshire")
    today = world.today.isoformat()
    world.do("ask_consent_to_send", "hana", case_id=other, transfer_consent="yes", given_by="Jo", asked_on=today)
    sending = {"sent": "yes", "sent_to": "Early help", "sent_what": ["plan"], "sent_on": today}
    world.do("send_papers", "hana", case_id=other, **sending)
    assert "Under way on it: the family’s move to another area" in about(world, here)["The other case"]
    refused(world, here, "this", "still under way: the family’s move")
    decide(world, here, "other")
    assert world.case(here).closure_reason == "merged"
    assert [(row.case_id, row.ended_on) for row in world.rows(sa.select(changes.transfers))] == [(other, None)]
    world.pass_days(28)
    assert "confirm_transfer" in world.open_elements(other)


def test_a_referral_stays_in_the_queue(world: World) -> None:
    here, other = planned(world), referred(world)
    agree(world, here, other)
    refused(world, here, "this", "a referral to the Multi-Agency Group")
    decide(world, here, "other")
    assert [row.ended_on for row in world.rows(sa.select(record.mag_referrals))] == [None]
    assert "decide_in_mag" in world.open_elements(other)


def test_who_was_to_lead_the_case_that_closes_hears_that_it_is_over(world: World) -> None:
    here, other = to_decide(world)
    mine = record.case_members.c.practitioner_id == world.ids["noor"]
    world.write(sa.update(record.case_members).where(mine).values(to_on=world.today))
    day = (world.today + timedelta(days=20)).isoformat()
    begin(world, other, "handover", successor=str(world.ids["noor"]), planned_on=day, reasons="They know each other")
    said = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine"}
    world.do("tell_family", "hana", case_id=other, **said)
    world.mailbox.messages.clear()
    decide(world, here)
    world.tick()
    assert "noor" in told(world, "has become one with another")
    assert [row.ended_on for row in world.rows(sa.select(changes.handovers))] == [world.today]


def test_a_handover_that_was_agreed_is_not_passed_over(world: World) -> None:
    here, _ = to_decide(world)
    on = (world.today + timedelta(days=5)).isoformat()
    begin(world, here, "handover", successor=str(world.ids["idris"]), planned_on=on, reasons="I move.")
    for somebody in ("noor", "idris"):
        refused(world, here, "this", "is being handed over", lead=somebody)
    decide(world, here)
    assert [row.ended_on for row in world.rows(sa.select(changes.handovers))] == [None], "it goes on as it was agreed"
    assert world.incidents() == []


@pytest.mark.parametrize("continues", ["this", "other"])
def test_a_plan_is_as_long_stalled_as_before(world: World, continues: str) -> None:
    here, other = planned(world), planned(world)
    since = world.today
    closing, staying = (other, here) if continues == "this" else (here, other)
    report(world, closing)
    world.pass_days(9)
    agree(world, here, other)
    label = "The other case" if closing == other else "This case"
    assert "Its plan has not moved: the line manager has it since" in about(world, here)[label]
    decide(world, here, continues)
    assert "discuss_stalled_plan" in world.open_elements(staying)
    assert world.open_elements(closing) == []
    assert stage(world, closing) == []
    assert stage(world, staying) == [since]
    assert "The other plan had not moved since" in story(world, staying)


def test_of_two_stalled_plans_the_longer_counts_and_one_task_asks(world: World) -> None:
    here, other = planned(world), planned(world)
    since = world.today
    report(world, other)
    world.pass_days(5)
    report(world, here)
    agree(world, here, other)
    decide(world, here)
    assert stage(world, here) == [since]
    assert len(world.tasks(here, element="discuss_stalled_plan")) == 1


def report(world: World, case_id: UUID) -> None:
    actor = world.actor("hana")
    stalled_plans.report(world.engine, actor=actor, case_id=case_id, reason="not_progressing", why="Stuck")


def stage(world: World, case_id: UUID) -> list[date]:
    table = record.manager_discussions
    found = sa.select(table.c.opened_on).where(table.c.case_id == case_id, table.c.ended_on.is_(None))
    return [row.opened_on for row in world.rows(found)]


def test_what_the_rules_found_late_on_either_is_late_since_the_earlier_day(world: World) -> None:
    other = planned(world)
    world.pass_days(7)
    here = planned(world)
    for _ in range(90):
        both = reasons(world, here).keys() & reasons(world, other).keys()
        if both and reasons(world, other).keys() - both:
            break
        world.pass_days(1)
    mine, theirs = reasons(world, here), reasons(world, other)
    assert any(theirs[each] < mine[each] for each in both)
    agree(world, here, other)
    decide(world, here)
    now = reasons(world, here)
    assert {each: now[each] for each in both} == {each: min(mine[each], theirs[each]) for each in both}
    assert {each: now[each] for each in theirs.keys() - both} == {each: theirs[each] for each in theirs.keys() - both}
    assert reasons(world, other) == {}
    assert case_file.read(world.engine, actor=world.actor("hana"), case_id=here).escalations
    assert [row.case_id for row in overdue.board(world.engine, actor=world.actor("morgan")).rows] == [here]
    world.pass_days(1)
    assert reasons(world, here).keys() < now.keys(), "what does not hold of the plan that goes on has ended"
    assert world.incidents() == []


def reasons(world: World, case_id: UUID) -> dict[str, date]:
    table = record.escalations
    rows = world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.ended_on.is_(None)))
    return {row.reason: row.since_on or row.first_true_on for row in rows}


# No merge after all


@pytest.mark.parametrize("asked", [False, True])
def test_when_the_other_case_closes_first_the_merge_ends_by_itself(world: World, asked: bool) -> None:
    here, other = planned(world), planned(world)
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    if asked:
        world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="At last")
    begin(world, other, "transfer", area="Leeds")
    today = world.today.isoformat()
    world.do("ask_consent_to_send", "hana", case_id=other, transfer_consent="no", asked_on=today, reason="No")
    world.mailbox.messages.clear()
    world.do("decide_without_papers", "morgan", case_id=other, move_decision="close", why="They have gone")
    world.tick()
    assert not {"ask_family", "decide_merge"} & set(world.open_elements(here))
    assert {"hana", "cleo"} <= told(world, "nothing to bring together")
    assert "two CAFs do not become one" in story(world, here)
    assert world.case(here).closed_on is None
    world.mailbox.messages.clear()
    world.pass_days(12)
    assert not [each.subject for each in world.mailbox.messages if "two" in each.subject and "plan" in each.subject]
    assert world.incidents() == []


def test_two_merges_that_name_each_other_leave_one_plan_and_no_task(world: World) -> None:
    here, other = planned(world), planned(world)
    begin(world, other, "merge_cafs", "cleo", other_case=str(here), why="Two began")
    agree(world, here, other)
    decide(world, here, "other")
    world.tick()
    assert world.case(here).closure_reason == "merged"
    assert "ask_family" not in world.open_elements(other)


def test_it_may_be_decided_that_both_go_on_and_both_leads_hear_of_it(world: World) -> None:
    here, other = to_decide(world)
    withdraw(world, other)
    lead = record.lead_professionals
    world.write(sa.update(lead).where(lead.c.case_id == other).values(practitioner_id=world.ids["idris"]))
    world.mailbox.messages.clear()
    decide(world, here, "both")
    world.tick()
    assert {"hana", "cleo", "idris"} <= told(world, "both go on")
    assert "decide_merge" not in world.open_elements(here)
    assert world.case(here).closed_on is world.case(other).closed_on is None
    assert "It was decided that both CAFs of the child go on" in story(world, here)


# The same action on both


def test_an_action_of_both_plans_stands_once_due_on_the_earlier_day(world: World) -> None:
    here, other = to_decide(world)
    (mine,), (theirs,) = actions(world, here), actions(world, other)
    assert (mine.action, mine.owner_id) == (theirs.action, theirs.owner_id)
    earlier = theirs.due_on - timedelta(days=3)
    changed = sa.update(record.plan_actions).where(record.plan_actions.c.id == theirs.id)
    news = {"progress": "Begun", "progress_on": world.today}
    world.write(changed.values(action=f" {theirs.action.upper()}.", due_on=earlier, first_due_on=earlier, **news))
    decide(world, here)
    (one,) = actions(world, here)
    assert (one.id, one.action, one.due_on, one.first_due_on) == (mine.id, mine.action, earlier, earlier)
    assert (one.progress, one.progress_on) == ("Begun", world.today)
    assert "with no open action, and 1 action of both plans as one" in story(world, here)
    assert [row.action for row in actions(world, other)] == [f" {theirs.action.upper()}."], "the record stays whole"


def test_actions_only_worded_alike_are_both_kept_and_pointed_out(world: World) -> None:
    here, other = to_decide(world)
    table = record.plan_actions
    world.write(sa.update(table).where(table.c.case_id == other).values(owner_id=world.ids["idris"]))
    world.mailbox.messages.clear()
    decide(world, here)
    assert {row.owner_id for row in actions(world, here)} == {world.ids["hana"], world.ids["idris"]}
    world.tick()
    assert "hana" in told(world, "worded alike")
    file = case_file.read(world.engine, actor=world.actor("hana"), case_id=here)
    assert len([each for outcome in file.plan for each in outcome.actions]) == 2
