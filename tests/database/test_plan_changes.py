"""What becomes of a plan that does not bring what it should: changed, assessed again, advised on, led by another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.family_sharing import Sharing
from engine.commands import case_processes, consents, families
from engine.errors import Conflict, Invalid
from engine.queries import case_file, case_starts, overdue, plan_story, plan_versions, task_page, timeline
from engine.store import escalations, facts
from engine.store.tables import changes, meetings, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

WHY: Mapping[str, Any] = {"why": "Bedtimes did not help.", "family_view": "Sam wants to read."}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def begin(world: World, case_id: UUID, key: str, by: str = "hana", **answers: Any) -> UUID:
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key=key, answers=answers
    )


def planned(world: World) -> UUID:
    """Walk a case to an agreed plan of one outcome and one action."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    return case_id


def reviewed(world: World, case_id: UUID, next_step: str, outcome: str = "same") -> None:
    world.clock.advance(timedelta(weeks=13))
    world.tick()
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    held = {"held_on": world.today.isoformat(), "outcome": outcome, "next_step": next_step, "notes": "No better."}
    world.do("hold_review", "hana", case_id=case_id, **held)
    world.tick()


def only(world: World, table: sa.Table, case_id: UUID) -> sa.Row[Any]:
    (row,) = world.rows(sa.select(table).where(table.c.case_id == case_id))
    return row


def all_of(world: World, table: sa.Table, case_id: UUID) -> list[sa.Row[Any]]:
    return list(world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.id)))


def story(world: World, case_id: UUID, by: str = "hana") -> str:
    told = timeline.read(world.engine, actor=world.actor(by), case_id=case_id)
    return " ".join(event.what for event in told.events)


def reasons(world: World, case_id: UUID) -> set[str]:
    with world.engine.sessions.read() as connection:
        found = escalations.open_reasons(connection, [case_id]).get(case_id)
        return set(found.sentences) if found else set()


def fact(world: World, case_id: UUID) -> Any:
    with world.engine.sessions.read() as connection:
        return facts.gather(connection, [case_id])[case_id]


def known(world: World, element: str, case_id: UUID, by: str = "hana") -> Mapping[str, Any]:
    """Return what the page of an open task shows as answered already."""
    task = world.task(element, case_id)
    return task_page.task(world.engine, actor=world.actor(by), task_id=task.id).prefill


def subjects(world: World) -> set[str]:
    """Return the subjects of the letters sent by the scheduler's next tick."""
    world.mailbox.messages.clear()
    world.tick()
    return {message.subject for message in world.mailbox.messages}


# The plan is changed


def test_a_review_without_progress_opens_one_task_to_change_the_plan_whatever_it_decided(world: World) -> None:
    case_id = planned(world)
    reviewed(world, case_id, "continue")
    assert "no_progress_once" in reasons(world, case_id)
    assert world.task("change_action_plan", case_id).assignee_id == world.ids["hana"]
    world.do("change_action_plan", "hana", case_id=case_id, plan_changed="no", **WHY)
    world.tick()
    assert "no_progress_once" not in reasons(world, case_id)
    world.pass_days(20)
    assert "change_action_plan" not in world.open_elements(case_id), "one that was answered is not asked again"
    assert "stays as it is (Bedtimes did not help" in story(world, case_id)
    look = only(world, changes.plan_changes, case_id)
    assert (look.changed, look.family_view, look.decided_by) == (False, "Sam wants to read.", world.ids["hana"])
    assert not world.verified().findings
    assert world.incidents() == []


def test_a_review_that_says_so_and_the_rules_ask_once_only(world: World) -> None:
    case_id = planned(world)
    reviewed(world, case_id, "replan", outcome="worse")
    assert world.open_elements(case_id).count("change_action_plan") == 1
    coming = [row for row in all_of(world, record.reviews, case_id) if row.held_on is None]
    assert [row.due_on > world.today for row in coming] == [True], "the next review is fixed meanwhile"


def test_what_changes_is_kept_and_the_days_that_were_promised_stay(world: World) -> None:
    case_id = planned(world)
    before = only(world, record.plan_actions, case_id)
    world.pass_days(20)
    begin(world, case_id, "change_plan")
    rows = known(world, "change_action_plan", case_id)
    assert rows["actions_now"] == [{"action_id": str(before.id), "becomes": "stays"}]
    assert [row["becomes"] for row in rows["outcomes_now"]] == ["stays"]
    later = (world.today + timedelta(days=30)).isoformat()
    world.do(
        "change_action_plan", "hana", case_id=case_id, plan_changed="yes", **WHY, outcomes_now=rows["outcomes_now"],
        actions_now=[{
            "action_id": str(before.id), "becomes": "changed", "owner": str(world.ids["idris"]), "due_on": later,
        }],
        outcomes=[{"outcome": "Sam reads"}],
        actions=[{"outcome": "Sam reads", "action": "Read at night", "owner": str(world.ids["noor"]), "due_on": later}],
    )  # fmt: skip
    moved, added = sorted(all_of(world, record.plan_actions, case_id), key=lambda row: row.id != before.id)
    assert (moved.owner_id, moved.due_on.isoformat(), moved.first_due_on) == (
        world.ids["idris"], later, before.first_due_on,
    )  # fmt: skip
    assert (added.action, added.first_due_on.isoformat()) == ("Read at night", later)
    assert before.first_due_on in fact(world, case_id).open_actions_due, "it is as late as it was"
    team = {row.practitioner_id for row in all_of(world, record.case_members, case_id) if row.role == "member"}
    assert {world.ids["idris"], world.ids["noor"]} <= team
    told = subjects(world)
    assert "A plan you are part of has changed" in told
    assert "Give the family their copy of the plan" in told
    assert "The plan was changed: 1 added, 1 changed (Bedtimes did not help" in story(world, case_id)
    first, second = plan_story.read(world.engine, actor=world.actor("hana"), case_id=case_id).versions
    assert (first.number, first.made_by, second.made_on) == (1, "Hana Verity", world.today)
    old, new = plan_versions.side_by_side(first, second)
    ((beside,), (fresh,)) = old.actions, new.actions
    assert beside.before and beside.after and beside.changed and not old.new
    assert (beside.before.due_on, beside.after.due_on.isoformat()) == (before.first_due_on, later)
    assert beside.before.owner != beside.after.owner == "Idris Cole"
    assert new.new and (fresh.action, fresh.before) == ("Read at night", None)
    assert [each.changed for each in plan_versions.side_by_side(second, second)[0].actions] == [False]


def test_what_is_given_up_says_why_and_is_not_waited_for(world: World) -> None:
    case_id = planned(world)
    families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=None, request_key=None,
        member=families.Member(name="Ada Whitlock", relationship="Aunt"), sharing=Sharing(),
    )  # fmt: skip
    action, outcome = only(world, record.plan_actions, case_id), only(world, record.plan_outcomes, case_id)
    begin(world, case_id, "change_plan")
    gone = [{"action_id": str(action.id), "becomes": "dropped", "why": "He sleeps at his aunt's."}]
    new = [{"action": "Walk to school", "owner": str(world.ids["hana"]), "due_on": world.today.isoformat()}]
    dropped = [{"outcome_id": str(outcome.id), "becomes": "dropped", "why": "Not what Sam wants."}]
    with pytest.raises(Invalid, match="is for an outcome that is given up"):
        world.do(
            "change_action_plan", "hana", case_id=case_id, plan_changed="yes", **WHY, outcomes_now=dropped, actions=new
        )
    world.do(
        "change_action_plan", "hana", case_id=case_id, plan_changed="yes", **WHY, outcomes_now=dropped,
        actions_now=gone, actions=new,
    )  # fmt: skip
    (action,) = [row for row in all_of(world, record.plan_actions, case_id) if row.id == action.id]
    outcome = only(world, record.plan_outcomes, case_id)
    assert (action.closed_on, action.dropped_why) == (world.today, "He sleeps at his aunt's.")
    assert (outcome.met_on, outcome.dropped_on, outcome.dropped_why) == (None, world.today, "Not what Sam wants.")
    assert fact(world, case_id).outcomes_open == 0
    shown = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert [each.dropped_why for each in shown.plan] == ["Not what Sam wants.", ""]
    assert shown.plan_looks[0].why == "Bedtimes did not help."
    (copy,) = [each for each in all_of(world, meetings.letters, case_id) if each.addressee == "Ada Whitlock"]
    assert "Walk to school" in copy.body and outcome.outcome not in copy.body, "no aim that was given up"


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({}, "Nothing is different yet"),
        ({"actions_now": [{"becomes": "dropped", "why": "Done without."}]}, "Nothing would be left to do"),
        ({"actions_now": [{"becomes": "changed"}]}, "Say who does it now"),
    ],
)
def test_a_change_that_is_none_is_refused(world: World, answers: dict[str, Any], refusal: str) -> None:
    case_id = planned(world)
    action = only(world, record.plan_actions, case_id)
    begin(world, case_id, "change_plan")
    given = {name: [row | {"action_id": str(action.id)} for row in rows] for name, rows in answers.items()}
    with pytest.raises(Invalid, match=refusal):
        world.do("change_action_plan", "hana", case_id=case_id, plan_changed="yes", **WHY, **given)
    assert all_of(world, changes.plan_changes, case_id) == []


def test_a_case_without_a_plan_offers_no_change_of_it(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    offered = case_starts.startable(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert not {"change_plan", "reassess"} & {each.process_key for each in offered}
    with pytest.raises(Conflict, match="the case has not come to it"):
        begin(world, case_id, "change_plan")


# Assessed again


def test_after_a_year_the_family_is_assessed_again_once_and_the_plan_goes_on(world: World) -> None:
    case_id = planned(world)
    world.clock.advance(timedelta(days=370))
    world.tick()
    world.pass_days(1)
    assert "open_long" in reasons(world, case_id)
    world.do("agree_reassessment", "hana", case_id=case_id, assess_again="yes", why="Much has changed.")
    rows = known(world, "assess_again", case_id)
    assert (rows["strengths"], rows["completed_on"]) == ("A close family", world.today.isoformat())
    assert "signed_by" not in rows, "who signed the last one has not signed this one"
    world.do("assess_again", "hana", case_id=case_id, **rows | {"needs": "Reading", "signed_by": "Jo Whitlock"})
    world.tick()
    first, second = sorted(all_of(world, record.assessments, case_id), key=lambda row: row.started_on)
    assert (first.content["needs"], second.content["needs"]) == ("Sleep", "Reading")
    assert (fact(world, case_id).assessment_completed_on, fact(world, case_id).reassessed_on) == (
        first.completed_on, world.today,
    )  # fmt: skip
    assert "open_long" not in reasons(world, case_id)
    world.pass_days(30)
    assert "agree_reassessment" not in world.open_elements(case_id)
    assert "choose_review" in world.open_elements(case_id) or "hold_review" in world.open_elements(case_id)


def test_not_now_is_asked_again_on_the_day_that_was_agreed(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "reassess")
    again = world.today + timedelta(days=21)
    said = {"assess_again": "not_now", "why": "A new baby.", "ask_again_on": again.isoformat()}
    world.do("agree_reassessment", "hana", case_id=case_id, **said)
    world.pass_days(20)
    assert "agree_reassessment" not in world.open_elements(case_id)
    world.pass_days(1)
    assert "agree_reassessment" in world.open_elements(case_id)
    assert f"it is asked again on {again.day} {again:%B}" in story(world, case_id)


# Social care is asked for advice


def ask_family(world: World, case_id: UUID, answer: str) -> None:
    given = {"given_by": "Jo", "asked_on": world.today.isoformat()} if answer != "not_asked" else {}
    world.do("ask_family", "hana", case_id=case_id, consultation_consent=answer, family_view="Ask them.", **given)


def advice(world: World, **more: Any) -> dict[str, Any]:
    return {
        "way": "anonymous", "asked_whom": "Bea Marsh, duty team", "asked_on": world.today.isoformat(),
        "advice": "Ask the school nurse too.", "advice_next": "goes_on", "next_step": "Hana rings her.",
        "next_step_on": (world.today + timedelta(days=7)).isoformat(), **more,
    }  # fmt: skip


def test_advice_is_kept_with_who_was_asked_and_what_is_next_by_when(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, "yes")
    assert world.task("ask_social_care", case_id).assignee_id == world.ids["morgan"]
    world.do("ask_social_care", "morgan", case_id=case_id, **advice(world, way="named"))
    row = only(world, changes.consultations, case_id)
    assert (row.consent, row.way, row.asked_whom, row.recorded_by) == (
        "yes", "named", "Bea Marsh, duty team", world.ids["morgan"],
    )  # fmt: skip
    (shown,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).consultations
    assert (shown.named, shown.advice, shown.next_step) == (True, "Ask the school nurse too.", "Hana rings her.")
    assert "Social care was asked for advice with the child's name; the plan goes on by" in story(world, case_id)
    world.clock.advance(timedelta(days=7))
    world.tick()
    task = world.task("report_next_step", case_id)
    day_after = row.next_step_on + timedelta(days=1)
    assert (task.assignee_id, task.due_on) == (world.ids["hana"], day_after)
    about = dict(task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).about)
    assert (about["What was agreed"], about["What social care advised"]) == (
        "Hana rings her.", "Ask the school nurse too.",
    )  # fmt: skip
    world.clock.advance(timedelta(days=10))
    assert "What was agreed after social care's advice has not been done in time" in subjects(world)
    again_on = (world.today + timedelta(days=7)).isoformat()
    later = {"step_done": "no", "note": "She is away.", "next_step_on": again_on}
    world.do("report_next_step", "hana", case_id=case_id, **later)
    assert only(world, changes.consultations, case_id).next_step_on.isoformat() == again_on
    assert "is not done yet; its day is now" in story(world, case_id)
    world.clock.advance(timedelta(days=7))
    world.tick()
    world.do("report_next_step", "hana", case_id=case_id, step_done="yes", note="She helps now.")
    assert world.instance(case_id, "consult_social_care").status == "ended"


@pytest.mark.parametrize("answer", ["no", "not_asked"])
def test_without_a_yes_nobody_is_named(world: World, answer: str) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, answer)
    with pytest.raises(Invalid, match="ask without their names"):
        world.do("ask_social_care", "morgan", case_id=case_id, **advice(world, way="named"))
    world.do("ask_social_care", "morgan", case_id=case_id, **advice(world))
    assert only(world, changes.consultations, case_id).way == "anonymous"


def test_a_yes_does_not_outlast_consent(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, "yes")
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="By telephone")
    with pytest.raises(Invalid, match="ask without their names"):
        world.do("ask_social_care", "morgan", case_id=case_id, **advice(world, way="named"))


def test_the_database_names_nobody_without_consent(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, "no")
    with pytest.raises(Conflict):
        world.write(sa.update(changes.consultations).values(way="named", asked_on=world.today))


def test_advice_to_change_the_plan_has_it_changed(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, "not_asked")
    world.do("ask_social_care", "morgan", case_id=case_id, **advice(world, advice_next="change_plan"))
    assert "change_action_plan" in world.open_elements(case_id)


def test_advice_to_refer_is_a_concern_that_social_care_must_answer(world: World) -> None:
    case_id = planned(world)
    begin(world, case_id, "consult_social_care")
    ask_family(world, case_id, "yes")
    refer = advice(world, way="named", advice_next="refer")
    world.do(
        "ask_social_care", "morgan", case_id=case_id,
        **{name: value for name, value in refer.items() if not name.startswith("next_step")},
    )  # fmt: skip
    assert only(world, record.concerns, case_id).what_happened == "Ask the school nurse too."
    assert "acknowledge_concern" in world.open_elements(case_id)


def test_a_consultation_answers_the_rules_for_another_year(world: World) -> None:
    case_id = planned(world)
    world.clock.advance(timedelta(days=370))
    world.tick()
    world.pass_days(1)
    assert "consult_after_a_year" in reasons(world, case_id)
    ask_family(world, case_id, "no")
    world.do("ask_social_care", "morgan", case_id=case_id, **advice(world))
    world.tick()
    assert not {"consult_after_a_year", "consult_after_reviews"} & reasons(world, case_id)
    world.pass_days(40)
    assert "ask_family" not in world.open_elements(case_id)


# Another plan leads


def another_leads(world: World, case_id: UUID, plan: str = "child_protection", by: str = "hana") -> None:
    key_worker = {} if plan == "none" else {"key_worker": "Bea Marsh, 01632 960101"}
    begin(
        world, case_id, "other_plan", by, linked_plan=plan, since_on=world.today.isoformat(),
        how_known="The conference's letter", **key_worker,
    )  # fmt: skip


def agree_beside(world: World, case_id: UUID, decision: str, becomes: str) -> None:
    action = only(world, record.plan_actions, case_id)
    why = {"why": "Theirs now."} if becomes == "dropped" else {}
    world.do(
        "agree_with_other_plan", "hana", case_id=case_id, agreed_with="Bea Marsh", plan_with_other=decision,
        actions_now=[{"action_id": str(action.id), "becomes": becomes, **why}], why="So it was agreed.",
        told_on=world.today.isoformat(), family_view="One person to ring.",
    )  # fmt: skip


def test_a_plan_goes_on_beside_the_one_that_leads_now(world: World) -> None:
    case_id = planned(world)
    another_leads(world, case_id)
    assert (world.case(case_id).linked_plan, world.case(case_id).key_worker) == (
        "child_protection", "Bea Marsh, 01632 960101",
    )  # fmt: skip
    assert known(world, "agree_with_other_plan", case_id)["told_on"] == world.today.isoformat()
    agree_beside(world, case_id, "goes_on", "stays")
    shown = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert shown.leading_plan is not None
    assert (shown.leading_plan.plan, shown.closed_on) == ("child protection plan", None)
    assert (shown.people[0].name, shown.people[0].part) == ("Hana Verity", "Coordinates here")
    assert "A child protection plan leads for the child now" in story(world, case_id)
    assert "this plan goes on beside it" in story(world, case_id)


def test_what_the_other_plan_takes_over_ends_here_and_the_case_closes(world: World) -> None:
    case_id = planned(world)
    another_leads(world, case_id, "looked_after", by="cleo")
    with pytest.raises(Invalid, match="whether the other plan takes it over"):
        agree_beside(world, case_id, "close", "stays")
    agree_beside(world, case_id, "close", "passed")
    action = only(world, record.plan_actions, case_id)
    assert (action.closed_on, action.dropped_why) == (world.today, "Passed to the other plan")
    world.do(
        "close_case", "hana", case_id=case_id,
        **answers_for(world, "close_case") | {"reason": "other_plan_leads"},
    )  # fmt: skip
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closure_reason == "other_plan_leads"
    assert world.open_elements(case_id) == []


def test_the_board_says_key_worker_where_another_plan_leads(world: World) -> None:
    case_id = planned(world)
    another_leads(world, case_id, "sen")
    world.pass_days(40)
    (row,) = overdue.board(world.engine, actor=world.actor("morgan")).rows
    assert row.leading_plan is not None
    assert (row.leading_plan.key_worker, row.lead_name) == ("Bea Marsh, 01632 960101", "Hana Verity")


def test_a_plan_that_ended_leads_no_more(world: World) -> None:
    case_id = planned(world)
    with pytest.raises(Conflict, match="written down already"):
        another_leads(world, case_id, "none")
    another_leads(world, case_id)
    agree_beside(world, case_id, "goes_on", "stays")
    another_leads(world, case_id, "none")
    assert (world.case(case_id).linked_plan, world.case(case_id).key_worker) == ("none", "")
    assert "this one leads again" in story(world, case_id)
    assert "agree_with_other_plan" not in world.open_elements(case_id)

