"""A limited consent binds: whom it leaves out is not invited, given anything, told or shown; so does the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import (
    case_processes,
    concerns,
    consents,
    families,
    lead_professionals,
    stalled_plans,
    user_tasks,
)  # fmt: skip
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import attachments, case_file, case_list, case_starts, timeline, worklist
from engine.store import relations
from engine.store.tables import people, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

AGAIN = "ask_consent_again"
LEFT_OUT = r"does not cover Noor Bakar \(Northcombe School\)\. Ask them first"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as opened:
        yield opened


def agency(world: World, name: str) -> str:
    (row,) = world.rows(sa.select(people.agencies.c.id).where(people.agencies.c.name == name))
    return str(row.id)


def limited(world: World, **more: Any) -> dict[str, Any]:
    """Agree to the health service alone, in whole."""
    return {
        "consent": "limited", "given_by": "Jo Whitlock", "scope": "Health only", "signed_on": world.today.isoformat(),
        "agencies": [agency(world, "Northcombe Health")], "kinds": ["assessment", "plan", "notes"], **more,
    }  # fmt: skip


def ask_again(world: World, case_id: UUID, *, by: str = "hana", **answers: Any) -> UUID:
    said = {"given_by": "Jo Whitlock", "signed_on": world.today.isoformat(), **answers}
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key=AGAIN, answers=said
    )


def sees(world: World, username: str, case_id: UUID) -> bool:
    actor = world.actor(username)
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def file(world: World, username: str, case_id: UUID) -> Any:
    return case_file.read(world.engine, actor=world.actor(username), case_id=case_id)


def with_team(world: World, **child: Any) -> UUID:
    """Walk to the meeting, to which Idris (health) and Noor (school) are invited under an unlimited consent."""
    return start_and_walk_to(world, "hold_tac_meeting", **child)


FIFTEEN = date(2010, 9, 4)
"""The birthday of a child of 15, who may understand."""


def test_an_unlimited_consent_binds_nobody(world: World) -> None:
    case_id = with_team(world)
    assert sees(world, "noor", case_id) and sees(world, "idris", case_id)
    assert file(world, "noor", case_id).left_out == ()
    assert file(world, "noor", case_id).timeline


def test_whom_it_leaves_out_cannot_be_invited(world: World) -> None:
    case_id = world.start_case()
    world.do("record_consent", "hana", case_id=case_id, **limited(world))
    for step in ("complete_assessment", "appoint_lead_professional"):
        world.do(step, "hana", case_id=case_id, **answers_for(world, step))
    with pytest.raises(Invalid, match=LEFT_OUT) as refused:
        world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    assert refused.value.details == {"field": "invited", "ask_again": str(case_id)}
    health = {**answers_for(world, "arrange_tac_meeting"), "invited": [str(world.ids["idris"])]}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **health)
    assert sees(world, "idris", case_id) and not sees(world, "noor", case_id)


def test_a_person_named_is_covered_though_the_agency_is_not(world: World) -> None:
    case_id = with_team(world)
    ask_again(world, case_id, **limited(world, people=[str(world.ids["noor"])]))
    assert sees(world, "noor", case_id)
    assert not sees(world, "sunniva", case_id), "nor does her manager see it with her"


def test_a_narrower_consent_takes_back_what_shows_the_case(world: World) -> None:
    case_id = with_team(world)
    replies = world.tasks(case_id, element="reply_to_invitation")
    (reply,) = [each for each in replies if each.assignee_id == world.ids["noor"]]
    ask_again(world, case_id, **limited(world))
    assert not sees(world, "noor", case_id) and sees(world, "idris", case_id) and sees(world, "hana", case_id)
    with pytest.raises(NotFound):
        worklist.task(world.engine, actor=world.actor("noor"), task_id=reply.id)
    assert worklist.tasks(world.engine, actor=world.actor("noor")).rows == ()
    assert case_list.cases(world.engine, actor=world.actor("noor")) == ()
    off = {row.practitioner_id: row.called_off_on for row in world.rows(sa.select(record.invitations))}
    assert off == {world.ids["noor"]: world.today, world.ids["idris"]: None}
    asked = [task.assignee_id for task in world.tasks(case_id, element="reply_to_invitation")]
    assert asked == [world.ids["idris"]], "whether Noor comes is nobody's to answer any more"
    assert [event.subject_id for event in world.history(case_id, "consent_leaves_out")] == [world.ids["noor"]]
    assert [event.subject_id for event in world.history(case_id, "invitation_called_off")] == [world.ids["noor"]]


def test_actions_of_whom_it_leaves_out_go_to_who_leads(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = answers_for(world, "agree_action_plan")
    plan["actions"] = [{**plan["actions"][0], "owner": str(world.ids["noor"])}]
    world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    ask_again(world, case_id, **limited(world))
    owners = {row.owner_id for row in world.rows(sa.select(record.plan_actions.c.owner_id))}
    assert owners == {world.ids["hana"]}, "never ownerless"
    assert world.history(case_id, "consent_leaves_out")[0].detail["actions"] == 1


def test_nobody_left_out_is_given_an_action_a_task_or_the_lead(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    ask_again(world, case_id, **limited(world))
    plan = answers_for(world, "agree_action_plan")
    plan["actions"] = [plan["actions"][0], {**plan["actions"][0], "owner": str(world.ids["noor"])}]
    with pytest.raises(Invalid, match=LEFT_OUT) as refused:
        world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    assert refused.value.details["field"] == "actions[1].owner"
    task = world.task("agree_action_plan", case_id)
    with pytest.raises(Invalid, match=LEFT_OUT):
        user_tasks.reassign(world.engine, actor=world.actor("hana"), task_id=task.id, to=world.ids["noor"])
    user_tasks.reassign(world.engine, actor=world.actor("hana"), task_id=task.id, to=world.ids["sunniva"])
    with pytest.raises(Invalid, match=LEFT_OUT) as refused:
        case_processes.start(
            world.engine, actor=world.actor("hana"), case_id=case_id, process_key="handover",
            answers={
                "successor": str(world.ids["noor"]), "planned_on": (world.today + timedelta(days=7)).isoformat(),
                "reasons": "She knows him",
            },
        )  # fmt: skip
    assert refused.value.details["field"] == "successor"


def test_an_interim_lead_is_covered_too(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    ask_again(world, case_id, **limited(world))
    ended = sa.update(record.lead_professionals).values(to_on=world.today)
    world.write(ended)
    with pytest.raises(Invalid, match=LEFT_OUT):
        lead_professionals.appoint_interim(
            world.engine, actor=world.actor("cleo"), case_id=case_id, practitioner_id=world.ids["noor"]
        )


def test_who_is_left_out_hears_nothing_of_the_plan(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    ask_again(world, case_id, **limited(world))
    world.tick()
    world.mailbox.messages.clear()
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    world.tick()
    told = {message.recipient.split("@")[0] for message in world.mailbox.messages}
    assert "idris" in told and "noor" not in told


def test_what_kinds_are_left_out_is_kept_from_the_team_alone(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    ask_again(world, case_id, **limited(world, kinds=["assessment"]))
    seen = file(world, "idris", case_id)
    assert seen.left_out == ("The plan, and how it goes", "The notes of meetings and reviews")
    assert seen.assessments and not seen.plan and not seen.timeline
    assert {meeting.notes for meeting in seen.meetings} == {""}
    whole = file(world, "hana", case_id)
    assert whole.plan and whole.timeline and whole.left_out == ()
    with pytest.raises(NotPermitted, match="does not cover everything"):
        timeline.read(world.engine, actor=world.actor("idris"), case_id=case_id)
    assert attachments.of_case(world.engine, actor=world.actor("idris"), case_id=case_id) == ()


def test_a_task_of_another_does_not_tell_what_is_said_to_meetings_that_consent_leaves_out(world: World) -> None:
    case_id = with_team(world)
    world.write(sa.update(record.tac_meetings).values(agenda="Why he hides"))
    asked = record.invitations.c.practitioner_id == world.ids["idris"]
    reported = {"reply": "substitute", "substitute": "Fay Moss", "report": "Seen twice"}
    world.write(sa.update(record.invitations).where(asked).values(**reported))
    family = sa.update(record.family_invitations).where(record.family_invitations.c.invited)
    world.write(family.values(reply="coming", brings="Her sponsor", needs="Calm"))
    held, (reply, *_) = (world.tasks(case_id, element=each) for each in ("hold_tac_meeting", "reply_to_invitation"))
    told = ("Seen twice", "Her sponsor", "Calm", "Why he hides")

    def said(who: str) -> str:
        pages = (worklist.task(world.engine, actor=world.actor(who), task_id=each.id) for each in (*held, reply))
        return " ".join(text for page in pages for line in page.about for text in line)

    assert all(each in said(who) for each in told for who in ("hana", "idris"))
    ask_again(world, case_id, **limited(world, kinds=["assessment", "plan"], people=[str(world.ids["noor"])]))
    assert all(each in said("hana") for each in told)
    assert not any(each in said(who) for each in (*told, "no report yet") for who in ("idris", "noor"))
    assert "Idris Cole sends somebody else: Fay Moss" in said("noor") and " will come" in said("noor")


def test_the_sentence_says_with_whom_what_and_until_when(world: World) -> None:
    case_id = with_team(world)
    until = world.today + timedelta(days=60)
    ask_again(world, case_id, **limited(world, kinds=["plan"], until_on=until.isoformat()))
    said = file(world, "hana", case_id).consent_sentence
    assert "Health only. Only with Northcombe Health. The plan, and how it goes, nothing else. Until " in said
    task = world.task("hold_tac_meeting", case_id)
    about = dict(worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id).about)
    assert about["What sharing rests on"] == said


def test_a_wider_consent_lets_the_team_in_again(world: World) -> None:
    case_id = with_team(world)
    ask_again(world, case_id, **limited(world))
    assert not sees(world, "noor", case_id)
    ask_again(world, case_id, consent="given")
    assert sees(world, "noor", case_id)
    answers = [row.answer for row in world.rows(sa.select(record.consents.c.answer))]
    assert sorted(answers) == ["given", "given", "limited"], "all of it is kept"


def test_safeguarding_needs_no_consent(world: World) -> None:
    case_id = with_team(world)
    ask_again(world, case_id, **limited(world))
    assert not sees(world, "ada", case_id)
    said = {"what_happened": "Bruises"}
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers=said)
    assert sees(world, "ada", case_id), "the safeguarding lead, whatever the family agreed to"
    assert not sees(world, "noor", case_id)


def reasons(world: World, case_id: UUID) -> set[str]:
    table = record.escalations
    query = sa.select(table.c.reason).where(table.c.case_id == case_id, table.c.ended_on.is_(None))
    return {row.reason for row in world.rows(query) if "consent" in row.reason}


def told(world: World) -> list[str]:
    return [each.recipient.split("@")[0] for each in world.mailbox.messages if each.subject == "A case needs you"]


def test_a_consent_for_a_time_ends_by_itself_and_the_family_is_asked_again(world: World) -> None:
    case_id = with_team(world)
    until = world.today + timedelta(days=20)
    ask_again(world, case_id, consent="given", until_on=until.isoformat())
    world.pass_days(3)
    assert reasons(world, case_id) == set(), "11 working days are left"
    world.pass_days(1)
    assert (reasons(world, case_id), told(world)) == ({"consent_ends"}, ["hana"])
    world.pass_days(16)
    assert told(world) == ["hana"], "nobody is told twice"
    assert sees(world, "noor", case_id), "the last day is a day of it"
    world.pass_days(1)
    assert not sees(world, "noor", case_id) and sees(world, "hana", case_id)
    over = f"sharing is over, so nothing has been shared since {world.today:%-d %B}"
    assert over in file(world, "hana", case_id).consent_sentence
    assert "check_for_harm" not in world.open_elements(case_id), "nobody took anything back"
    assert world.incidents(case_id) == []
    assert (reasons(world, case_id), told(world)) == ({"consent_lapsed"}, ["hana", "hana"])
    task = world.task("ask_family_again", case_id)
    assert (task.assignee_id, task.due_on) == (world.ids["hana"], world.today + timedelta(days=7))
    again = {"consent": "given", "given_by": "Jo Whitlock", "signed_on": world.today.isoformat()}
    world.do("ask_family_again", "hana", case_id=case_id, **again)
    world.tick()
    assert sees(world, "noor", case_id) and reasons(world, case_id) == set()
    assert world.incidents(case_id) == []


def test_while_nobody_leads_the_assessor_is_told_and_not_the_line_manager(world: World) -> None:
    case_id = world.start_case()
    until = (world.today + timedelta(days=4)).isoformat()
    world.do("record_consent", "hana", case_id=case_id, **answers_for(world, "record_consent") | {"until_on": until})
    world.tick()
    assert (reasons(world, case_id), told(world)) == ({"consent_ends"}, ["hana"]), "on the day it begins"
    world.do("complete_assessment", "hana", case_id=case_id, **answers_for(world, "complete_assessment"))
    world.pass_days(5)
    assert (reasons(world, case_id), told(world)) == ({"consent_lapsed"}, ["hana", "hana"])


def test_a_consent_that_stays_lapsed_is_the_line_manager_s_too(world: World) -> None:
    case_id = lapsed(world)
    said = {"consent": "refused", "given_by": "Jo Whitlock", "reason": "Not now", "signed_on": world.today.isoformat()}
    world.do("ask_family_again", "hana", case_id=case_id, **said)
    world.tick()
    subjects = [(each.recipient.split("@")[0], each.subject) for each in world.mailbox.messages]
    assert ("morgan", "A family whose consent is over does not agree again") in subjects
    assert "ask_family_again" not in world.open_elements(case_id)
    world.pass_days(13)
    assert reasons(world, case_id) == {"consent_lapsed"}
    world.pass_days(1)
    assert "ask_family_again" in world.open_elements(case_id), "asked anew after two weeks"
    world.pass_days(1)
    assert reasons(world, case_id) == {"consent_lapsed", "consent_long_lapsed"}
    assert told(world)[-1] == "morgan"
    ask_again(world, case_id, consent="given")
    world.tick()
    assert "ask_family_again" not in world.open_elements(case_id), "they agreed in another way"
    assert reasons(world, case_id) == set() and world.incidents(case_id) == []


def lapsed(world: World) -> UUID:
    """Walk to the meeting, and let the time of the consent be over."""
    case_id = with_team(world)
    ask_again(world, case_id, consent="given", until_on=(world.today + timedelta(days=1)).isoformat())
    world.pass_days(2)
    assert reasons(world, case_id) == {"consent_lapsed"}
    return case_id


def test_once_nothing_is_shared_a_question_still_open_is_shown_to_no_manager_either(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    ask_again(world, case_id, consent="given", until_on=(world.today + timedelta(days=2)).isoformat())
    replies = world.tasks(case_id, element="reply_to_invitation")
    (reply,) = [each for each in replies if each.assignee_id == world.ids["noor"]]
    asked = {"engine": world.engine, "task_id": reply.id}
    assert sees(world, "noor", case_id) and not worklist.task(actor=world.actor("noor"), **asked).alone
    assert not sees(world, "sunniva", case_id), "her worker's question is no way to the case"
    assert worklist.task(actor=world.actor("sunniva"), **asked).alone
    assert sees(world, "morgan", case_id)
    world.pass_days(3)
    assert "reply_to_invitation" in world.open_elements(case_id)
    for who in ("noor", "sunniva"):
        assert not sees(world, who, case_id)
        with pytest.raises(NotFound):
            worklist.task(actor=world.actor(who), **asked)
        assert worklist.tasks(world.engine, actor=world.actor(who), whose="team").rows == ()
    assert sees(world, "morgan", case_id), "the manager of who leads works with the record itself"


def test_the_way_to_the_group_ends_with_the_time_of_a_consent(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    until = world.today + timedelta(days=3)
    ask_again(world, case_id, consent="given", until_on=until.isoformat())
    stalled_plans.report(world.engine, actor=world.actor("hana"), case_id=case_id, reason="team_not_working", why="No")
    today = world.today.isoformat()
    world.do(
        "discuss_stalled_plan", "morgan", case_id=case_id, discussed_on=today, tried="Letters",
        decision="refer_to_mag", next_step="Ask them",
    )  # fmt: skip
    world.do(
        "ask_consent_for_mag", "hana", case_id=case_id, mag_consent="yes", given_by="Jo Whitlock", asked_on=today
    )
    papers = {"reason": "Stuck", "tried": "All", "discussed_on": today, "asked": "Help"}
    world.do("refer_to_mag", "hana", case_id=case_id, **papers)
    world.do(
        "screen_papers", "cleo", case_id=case_id, papers_whole="yes", mag="Multi-Agency Group",
        meeting_on=(world.today + timedelta(days=14)).isoformat(),
    )  # fmt: skip
    assert sees(world, "ada", case_id)
    world.pass_days(4)
    assert not sees(world, "ada", case_id), "the group reads no more than the team"
    asked = set(world.open_elements(case_id))
    assert "take_anonymous_advice" in asked and not asked & {"record_mag_decision", "screen_papers", "refer_to_mag"}
    (said,) = world.rows(
        sa.select(record.consents.c.answer).where(
            record.consents.c.case_id == case_id, record.consents.c.purpose == "mag", record.consents.c.to_on.is_(None)
        )
    )
    assert said.answer == "not_asked", "they are asked anew"


def test_agencies_people_and_kinds_come_from_the_list(world: World) -> None:
    case_id = with_team(world)
    stranger = "00000000-0000-0000-0000-000000000009"
    for field, wrong in (("agencies", [stranger]), ("people", [stranger]), ("kinds", ["everything"])):
        with pytest.raises(Invalid):
            ask_again(world, case_id, **limited(world, **{field: wrong}))
    with pytest.raises(Invalid):
        ask_again(world, case_id, consent="given", until_on=(world.today - timedelta(days=1)).isoformat())


@pytest.mark.parametrize("who", ["noor", "ada"])
def test_only_who_works_with_the_family_asks_again(world: World, who: str) -> None:
    case_id = with_team(world)
    with pytest.raises((NotPermitted, NotFound)):
        ask_again(world, case_id, by=who, consent="given")


def test_a_young_person_s_objection_binds_what_the_family_may_be_told(world: World) -> None:
    case_id = with_team(world, born=FIFTEEN)
    father = families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=None,
        member=families.Member(name="Al Whitlock", relationship="Father"), sharing=families.Sharing(),
    )  # fmt: skip
    own = {"consent": "given", "whose": "young_person", "competence": "Hana Verity, today: weighs what follows"}
    with pytest.raises(Invalid) as refused:
        ask_again(world, case_id, **own, not_told=[str(father)])
    assert refused.value.details["field"] == "objection"
    ask_again(world, case_id, **own, not_told=[str(father)], objection="He would take her phone")
    (kept,) = [each for each in file(world, "hana", case_id).child.family if each.member_id == father]
    assert (kept.sharing.told, kept.sharing.decided_by) == ("nothing", "young_person")
    assert "own decision" in file(world, "hana", case_id).consent_sentence
    all_of_it = families.Sharing(told="everything", decided_by="family")
    with pytest.raises(Invalid) as refused:
        families.keep_member(
            world.engine, actor=world.actor("hana"), case_id=case_id, member_id=father,
            member=families.Member(name="Al Whitlock"), sharing=all_of_it,
        )  # fmt: skip
    assert "ask the young person" in refused.value.details["errors"]["decided_by"]


@pytest.mark.parametrize(("born", "age"), [(date(2014, 3, 3), 11), (date(2017, 2, 1), 9)])
def test_below_the_authority_s_age_one_person_s_judgement_is_not_enough(world: World, born: date, age: int) -> None:
    case_id = with_team(world, born=born)
    own = {"consent": "given", "whose": "young_person", "competence": "Hana Verity, today: weighs what follows"}
    with pytest.raises(Invalid, match=rf"Sam is {age} years old\. Below 12, .* Ask a parent or carer") as refused:
        ask_again(world, case_id, **own)
    assert refused.value.details["field"] == "second_judgement"
    ask_again(world, case_id, **own, second_judgement="Morgan Reyes, today: saw Sam alone and agrees")
    said = file(world, "hana", case_id).consent_sentence
    assert "own decision" in said and "Judged a second time, as they are young: Morgan Reyes" in said
    known = case_starts.page(world.engine, actor=world.actor("hana"), case_id=case_id, process_key=AGAIN).known
    assert known["second_judgement"] == "Morgan Reyes, today: saw Sam alone and agrees"


def test_how_an_answer_was_given_and_what_the_sharing_is_for_are_kept_said_and_known_when_asked_again(
    world: World,
) -> None:
    case_id = with_team(world)
    ask_again(world, case_id, consent="given", how_given="paper", shared_for="To plan help for Sam together")
    read = file(world, "hana", case_id)
    assert "(Jo Whitlock, signed on paper)" in read.consent_sentence
    assert "It is shared for this: To plan help for Sam together." in read.consent_sentence
    line = next(each for each in read.timeline if each.kind == "consent_recorded")
    assert line.what.startswith("Consent recorded: the family agreed to information being shared, signed on paper")
    assert line.what.endswith("(shared for: To plan help for Sam together).")
    known = case_starts.page(world.engine, actor=world.actor("hana"), case_id=case_id, process_key=AGAIN).known
    assert known["shared_for"] == "To plan help for Sam together" and "how_given" not in known
    with pytest.raises(Invalid) as refused:
        ask_again(world, case_id, consent="given", how_given="by pigeon")
    assert "how_given" in str(refused.value.details)


def test_the_family_s_names_are_offered_where_somebody_of_it_answers(world: World) -> None:
    case_id = with_team(world)
    page = case_starts.page(world.engine, actor=world.actor("hana"), case_id=case_id, process_key=AGAIN)
    assert [each.label for each in page.options["family_names"]] == ["Jo Whitlock", "Sam"]


def test_from_the_authority_s_age_on_one_judgement_is_enough(world: World) -> None:
    case_id = with_team(world, born=date(2014, 3, 2))
    ask_again(world, case_id, consent="given", whose="young_person", competence="Hana Verity, today: weighs it")


def test_who_else_judged_it_is_asked_of_a_young_child_only(world: World) -> None:
    case_id = with_team(world, born=date(2014, 3, 2))
    asked = case_starts.page(world.engine, actor=world.actor("hana"), case_id=case_id, process_key=AGAIN).shown
    assert asked == {"decides_from_on": date(2026, 3, 2)}
    own = {"consent": "given", "whose": "young_person", "competence": "Hana Verity, today: weighs it"}
    ask_again(world, case_id, **own, second_judgement="Nobody asks this")
    assert "second time" not in file(world, "hana", case_id).consent_sentence



@pytest.mark.parametrize(
    ("ticked", "field"),
    [
        ({"agencies": [], "kinds": ["plan"]}, "agencies"),
        ({"agencies": [], "kinds": []}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["nothing", "plan"]}, "kinds"),
        ({"nobody_else": True}, "nobody_else"),
    ],
)
def test_a_limited_consent_says_with_whom_and_what(world: World, ticked: dict[str, Any], field: str) -> None:
    case_id = with_team(world)
    with pytest.raises(Invalid) as refused:
        ask_again(world, case_id, **limited(world, **ticked))
    assert field in (refused.value.details.get("field"), *refused.value.details.get("errors", {}))
    assert sees(world, "noor", case_id), "what was agreed before still holds"


@pytest.mark.parametrize(
    ("ticked", "said", "idris"),
    [
        ({"agencies": [], "kinds": [], "nobody_else": True}, "With nobody beyond who leads or assesses", False),
        ({"kinds": ["nothing"]}, "Only with Northcombe Health. Nothing in writing", True),
    ],
)
def test_nobody_else_and_nothing_are_said_in_so_many_words(
    world: World, ticked: dict[str, Any], said: str, idris: bool
) -> None:
    case_id = with_team(world)
    ask_again(world, case_id, **limited(world, **ticked))
    assert said in file(world, "hana", case_id).consent_sentence
    assert sees(world, "idris", case_id) is idris


def test_only_the_young_person_takes_back_their_own_consent(world: World) -> None:
    case_id = with_team(world, born=FIFTEEN)
    ask_again(world, case_id, consent="given", whose="young_person", competence="Hana Verity, today: weighs it")
    said = {"actor": world.actor("hana"), "case_id": case_id, "why": "By telephone"}
    for by, answer in (("parent", "Only they can take it back"), ("", "say whether they did")):
        with pytest.raises(Invalid, match=answer) as refused:
            consents.withdraw(world.engine, **said, taken_back_by=by)
        assert refused.value.details["field"] == "taken_back_by"
    assert sees(world, "noor", case_id) and not world.history(case_id, "consent_withdrawal_told")
    consents.withdraw(world.engine, **said, taken_back_by="young_person")
    assert not sees(world, "noor", case_id)


def test_a_meeting_that_was_called_off_is_not_what_is_next(world: World) -> None:
    case_id = with_team(world)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    following = file(world, "hana", case_id).next
    assert following.what != "TAC meeting" and following.on != world.today + timedelta(days=14)


def test_the_team_is_offered_as_far_as_the_consent_goes(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    ask_again(world, case_id, **limited(world))
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    task = world.task("arrange_tac_meeting", case_id)
    page = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
    assert str(world.ids["noor"]) not in page.prefill["invited"]
    heading = {option.value: option.group for option in page.options["invitees"]}
    assert heading[str(world.ids["noor"])] == "Not covered by the family’s consent: ask the family first"
    assert "Northcombe School (in the team and left out" in next(
        person.part for person in file(world, "hana", case_id).people if person.name == "Noor Bakar"
    )
