"""The family withdraws consent: sharing stops in the same act, and a manager's harm check begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import case_processes, concerns, consents, stalled_plans
from engine.errors import Conflict, Invalid
from engine.operations.withdrawals import AGREE_WITH_SOCIAL_CARE
from engine.queries import case_file, timeline, worklist
from engine.store import relations
from engine.store.tables import changes, keeping, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, build_world, open_world, shipped_models

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
        assert "Once the line manager has checked for harm, close the case or ask them" in refused.value.message
        assert refused.value.details["ask_again"] == str(case_id)


def test_of_a_case_that_closes_as_consent_is_withdrawn_no_review_is_called_late(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "choose_review")
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="None seen.")
        world.pass_days(60)
        found = world.rows(sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None)))
        said = {row.reason for row in found}
        assert said & {"review_not_invited", "review_late", "review_very_late", "silent", "long_silent"} == set()
        assert "consent_withdrawn" in said and "close_case" in world.open_elements(case_id)
        assert "discuss_stalled_plan" not in world.open_elements(case_id)


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


def again(world: World, case_id: UUID, **answers: Any) -> None:
    said = {"consent": "given", "given_by": "Jo", "signed_on": world.today.isoformat(), **answers}
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="ask_consent_again", answers=said
    )


CLOSING = {"reason": "consent_withdrawn", "summary": "School goes on helping.", "family_told": "yes"}


def test_a_meeting_that_was_arranged_is_called_off_and_who_was_asked_is_told(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        world.tick()
        world.mailbox.messages.clear()
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        (meeting,) = world.rows(sa.select(record.tac_meetings))
        assert (meeting.called_off_on, meeting.held_on) == (world.today, None)
        assert world.open_elements(case_id) == ["check_for_harm"], "no other day is looked for while nothing is shared"
        world.tick()
        off = [each for each in world.mailbox.messages if each.subject == "A meeting you were asked to is called off"]
        assert {each.recipient.split("@")[0] for each in off} == {"idris", "noor"}
        assert all("Sam" not in each.body and "Whitlock" not in each.body for each in off), "no detail of the case"
        assert world.incidents(case_id) == []


def test_the_closure_is_signed_off_as_every_other(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")
        task = world.task("close_case", case_id)
        page = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
        assert page.prefill["reason"] == "consent_withdrawn"
        world.do("close_case", "hana", case_id=case_id, **CLOSING)
        assert world.case(case_id).closed_on is None, "not before somebody else has looked at it"
        world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
        assert (world.case(case_id).closed_on, world.case(case_id).closure_reason) == (world.today, "consent_withdrawn")
        assert world.open_elements(case_id) == []


@pytest.mark.parametrize("when", ["before the check", "while it is closing", "while it waits for its sign-off"])
def test_the_family_agrees_again_and_sharing_goes_on_from_then(database_url: str, when: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        assert not sees(world, "idris", case_id)
        if when != "before the check":
            world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")
        if when == "while it waits for its sign-off":
            world.do("close_case", "hana", case_id=case_id, **CLOSING)
        world.clock.advance(timedelta(days=1))
        again(world, case_id)
        assert sees(world, "idris", case_id)
        left = world.open_elements(case_id)
        assert ("check_for_harm" in left) is (when == "before the check"), "the check stays as it is"
        if "check_for_harm" in left:
            world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")
        assert {"close_case", "sign_off_closure"}.isdisjoint(world.open_elements(case_id))
        assert world.instance(case_id, "consent_withdrawn").status == "ended"
        assert "rebook_tac_meeting" in world.open_elements(case_id), "the team is to meet after all"
        spans = {(row.answer, row.from_on, row.to_on) for row in world.rows(sa.select(record.consents))}
        first, today = world.today - timedelta(days=1), world.today
        assert spans == {("given", first, first), ("withdrawn", first, today), ("given", today, None)}
        assert world.history(case_id, "consent_withdrawal_told") and world.history(case_id, "sharing_again")
        waiting = sa.select(changes.closures.c.id).where(
            changes.closures.c.signed_on.is_(None), changes.closures.c.returned_on.is_(None)
        )
        assert world.rows(waiting) == []
        world.tick()
        assert world.incidents(case_id) == []
        on = (world.today + timedelta(days=7)).isoformat()
        world.do("rebook_tac_meeting", "hana", case_id=case_id, planned_on=on, why="They agree again",
                 starts_at="16:00", venue="School")
        assert "hold_tac_meeting" in world.open_elements(case_id)


@pytest.mark.parametrize("accepted", ["yes", "no"])
def test_a_plan_that_goes_on_beside_social_care_is_to_be_agreed_with_them(database_url: str, accepted: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "choose_review")
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        world.do("check_for_harm", "morgan", case_id=case_id, finding="concern", note="Two bruises.")
        again(world, case_id)
        said = {"accepted": accepted, "acknowledged_on": world.today.isoformat(), "note": "They rang back."}
        world.do("acknowledge_concern", "ada", case_id=case_id, **said)
        if accepted == "no":
            world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")
        assert world.instance(case_id, "consent_withdrawn").status == "ended"
        told = [row.practitioner_id for row in letters(world, AGREE_WITH_SOCIAL_CARE)]
        assert told == ([world.ids["hana"]] if accepted == "yes" else [])


def letters(world: World, subject: str) -> list[Any]:
    return list(world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.subject == subject)))


def test_a_no_while_nothing_is_shared_changes_nothing_and_one_while_it_is_is_a_withdrawal(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "complete_assessment")
        with pytest.raises(Invalid, match="withdrawn consent") as refused:
            again(world, case_id, consent="refused")
        assert refused.value.details["field"] == "consent"
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
        again(world, case_id, consent="refused", reason="Not yet")
        assert {row.answer for row in world.rows(IN_FORCE)} == {"withdrawn"}
        assert "check_for_harm" in world.open_elements(case_id)
        assert len(world.history(case_id, "consent_asked_again")) == 1


def test_who_has_not_been_asked_for_the_first_time_is_not_asked_again(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        with pytest.raises(Conflict, match="has not come to it"):
            again(world, case_id)


def test_a_young_person_who_is_asked_again_and_refuses_is_told_of_as_themself(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "arrange_tac_meeting", born=date(2011, 3, 2))
        (jo,) = world.rows(sa.select(record.family_members.c.id))
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="By telephone")
        own = {"whose": "young_person", "given_by": "Sam", "reason": "Not with school"}
        with pytest.raises(Invalid, match="understands"):
            again(world, case_id, consent="refused", **own)
        judged = {"competence": "Hana Verity, today: weighs it", "not_told": [str(jo.id)], "objection": "She shouts"}
        again(world, case_id, consent="refused", **own, **judged)
        (event,) = world.history(case_id, "consent_asked_again")
        assert event.detail == {"answer": "refused", "whose": "young_person"}
        told = [each.what for each in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
        assert any(
            "the young person still does not agree" in each and "Said by Sam. Not with school. Understands" in each
            for each in told
        )
        (kept,) = world.rows(sa.select(record.family_sharing).where(record.family_sharing.c.to_on.is_(None)))
        assert (kept.member_id, kept.told, kept.reason) == (jo.id, "nothing", "She shouts")


def test_a_refusal_keeps_which_help_is_offered_instead(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        refusal = {"consent": "refused", "given_by": "Jo", "reason": "Not now", "signed_on": world.today.isoformat()}
        offered = {"offered_by": "Noor Bakar, school", "offered": "A club after school; they take it."}
        with pytest.raises(Invalid):
            world.do("record_consent", "hana", case_id=case_id, **refusal)
        world.do("record_consent", "hana", case_id=case_id, **refusal, **offered)
        assert world.case(case_id).closure_reason == "consent_refused"
        found = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id)
        assert found.consents[0].offered_by == "Noor Bakar, school"
        assert "Offered instead by Noor Bakar, school: A club after school; they take it." in found.consent_sentence


def test_sharing_stops_even_when_its_diagram_cannot_start_and_the_check_follows_once_it_is_mended() -> None:
    world = build_world()
    case_id = world.start_case()
    drawn = shipped_models()["consent_withdrawn.bpmn"]
    world.deploy({"consent_withdrawn.bpmn": going_round(drawn)})
    said = {"actor": world.actor("hana"), "case_id": case_id, "why": "Mother, by telephone", "request_key": "r"}
    assert [consents.withdraw(world.engine, **said) for _ in range(2)] == [None, None]
    assert consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Father") is None
    assert {row.answer for row in world.rows(IN_FORCE) if row.purpose == "sharing"} == {"withdrawn"}
    assert len(world.history(case_id, "consent_withdrawal_told")) == 2
    assert len(world.history(case_id, "manager_alerted")) == 1
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("start", "consent_withdrawn")
    world.deploy({"consent_withdrawn.bpmn": drawn})
    world.tick()
    assert world.incidents(case_id) == []
    assert world.open_elements(case_id).count("check_for_harm") == 1
    assert not world.verified().findings
    world.close()


def test_a_check_that_follows_late_does_not_stop_what_the_family_has_agreed_to_again() -> None:
    world = build_world()
    case_id = start_and_walk_to(world, "complete_assessment")
    drawn = shipped_models()["consent_withdrawn.bpmn"]
    world.deploy({"consent_withdrawn.bpmn": going_round(drawn)})
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    again(world, case_id)
    world.deploy({"consent_withdrawn.bpmn": drawn})
    world.tick()
    assert "check_for_harm" in world.open_elements(case_id)
    assert {row.answer for row in world.rows(IN_FORCE) if row.purpose == "sharing"} == {"given"}
    world.close()


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 3, 28, 23, 59, tzinfo=UTC), datetime(2026, 10, 24, 22, 59, tzinfo=UTC)],
    ids=["spring", "autumn"],
)
def test_the_clock_hours_of_a_check_and_of_an_answer_are_as_many_in_the_nights_of_the_clocks(
    database_url: str, at: datetime
) -> None:
    """One night has 23 hours and one 25; who checks has 24 in both."""
    with open_world(database_url) as world:
        world.clock.set(at - timedelta(days=1))
        case_id = start_and_walk_to(world, "choose_review")
        world.clock.set(at)
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother")
        harm = {"harm": "B", "what_happened": "A bruise"}
        concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers=harm)
        due = {timer.element_id: timer.due_at for timer in world.timers(case_id)}
        assert due["harm_check_due"] == due["answer_due"] == at + timedelta(hours=24)


def going_round(drawn: bytes) -> bytes:
    """Return the diagram with a circle drawn before its first step that no token leaves."""
    flow = 'sourceRef="start_withdrawal" targetRef='
    circle = """<bpmn:exclusiveGateway id="merge"/><bpmn:exclusiveGateway id="gate" default="out"/>
        <bpmn:sequenceFlow id="on" sourceRef="merge" targetRef="gate"/>
        <bpmn:sequenceFlow id="back" sourceRef="gate" targetRef="merge">
          <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=today() != null</bpmn:conditionExpression>
        </bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="out" sourceRef="gate" targetRef="stop_sharing"/></bpmn:process>"""
    text = drawn.decode().replace("</bpmn:process>", circle)
    return text.replace(f'{flow}"stop_sharing"', f'{flow}"merge"').encode()
