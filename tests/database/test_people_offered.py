"""Whom forms offer: only people whom it makes sense to ask, those round the child first; and what a task is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import concerns, user_tasks
from engine.errors import Invalid
from engine.forms import InvalidAnswers
from engine.options import NEAR, OTHERS
from engine.queries import worklist
from engine.store.tables import people, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as built:
        yield built


def page(world: World, element: str, who: str = "hana") -> Any:
    found = next(task for task in world.tasks(element=element) if task.assignee_id in (None, world.ids[who]))
    return worklist.task(world.engine, actor=world.actor(who), task_id=found.id)


def offered(world: World, element: str, source: str) -> list[tuple[str, str]]:
    by_id = {str(id_): who for who, id_ in world.ids.items()}
    return [(by_id[option.value], option.group) for option in page(world, element).options[source]]


def test_those_who_work_on_cases_may_lead(world: World) -> None:
    start_and_walk_to(world, "appoint_lead_professional")
    gone = sa.update(people.practitioners).where(people.practitioners.c.id == world.ids["noor"])
    world.write(gone.values(left_on=world.today))
    assert offered(world, "appoint_lead_professional", "leads") == [
        ("hana", NEAR), ("idris", OTHERS), ("morgan", OTHERS),
    ]  # fmt: skip


def test_designers_group_members_and_the_lead_are_not_invited(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    invited = [who for who, _ in offered(world, "arrange_tac_meeting", "invitees")]
    assert invited == ["cleo", "idris", "morgan", "noor", "sunniva"]
    asked = answers_for(world, "arrange_tac_meeting") | {"invited": [str(world.ids["piet"])]}
    with pytest.raises(InvalidAnswers, match="Select the people you invite"):
        world.do("arrange_tac_meeting", "hana", case_id=case_id, **asked)


def test_who_designs_or_administers_the_service_is_nobody_to_share_with(world: World) -> None:
    start_and_walk_to(world, "record_consent")
    named = {who for who, _ in offered(world, "record_consent", "to_share_with")}
    assert named == set(world.ids) - {"piet"}


def test_the_meeting_s_record_offers_those_invited_and_takes_another(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    assert offered(world, "hold_tac_meeting", "invited") == [("idris", ""), ("noor", "")]
    assert {who for who, _ in offered(world, "hold_tac_meeting", "not_invited")} == {"cleo", "morgan", "sunniva"}
    came = {"attended": [str(world.ids["noor"])], "others": [{"person": str(world.ids["sunniva"])}]}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **answers_for(world, "hold_tac_meeting") | came)
    kept = world.rows(sa.select(record.invitations.c.practitioner_id, record.invitations.c.attended))
    assert {(row.practitioner_id, row.attended) for row in kept} == {
        (world.ids["idris"], False), (world.ids["noor"], True), (world.ids["sunniva"], True),
    }  # fmt: skip
    assert ("sunniva", NEAR) in offered(world, "agree_action_plan", "action_owners")


def test_a_reply_names_the_meeting_s_day_time_and_place_and_who_invites(world: World) -> None:
    start_and_walk_to(world, "hold_tac_meeting")
    asked = page(world, "reply_to_invitation", "idris")
    assert dict(asked.about) == {
        "Meeting": "Monday 16 March, 4:00pm",
        "Where": "School",
        "Who invites you": "Hana Verity, Health visitor, Northcombe Health, 01632 960300",
    }
    said = dict(page(world, "hold_tac_meeting").about)
    assert said["Replies"] == "Idris Cole has not answered; Noor Bakar has not answered"


def test_a_reply_that_was_given_on_says_for_whom_one_answers(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    (reply,) = [
        each for each in world.tasks(case_id, element="reply_to_invitation") if each.assignee_id == world.ids["idris"]
    ]

    def about(who: str) -> dict[str, str]:
        return dict(worklist.task(world.engine, actor=world.actor(who), task_id=reply.id).about)

    assert not {"You answer for", "The reply is for"} & {*about("idris"), *about("hana")}, "their own"
    user_tasks.reassign(world.engine, actor=world.actor("idris"), task_id=reply.id, to=world.ids["hana"])
    said = "Idris Cole, who was invited. Say whether they will come: it is kept as their reply"
    assert about("hana")["You answer for"] == said
    assert about("morgan")["The reply is for"] == said
    assert "You answer for" not in about("idris")
    user_tasks.complete(world.engine, actor=world.actor("hana"), task_id=reply.id, answers={"reply": "attending"})
    kept = dict(page(world, "hold_tac_meeting").about)["Replies"]
    assert kept == "Idris Cole will come; Noor Bakar has not answered"


@pytest.mark.parametrize(("days", "due"), [(0, 0), (1, 0), (2, 0), (14, 9)])
def test_a_reply_is_never_late_before_it_is_asked_for(world: World, days: int, due: int) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    planned = (world.today + timedelta(days=days)).isoformat()
    asked = answers_for(world, "arrange_tac_meeting") | {"planned_on": planned}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **asked)
    assert {task.due_on for task in world.tasks(case_id, element="reply_to_invitation")} == {
        world.today + timedelta(days=due)
    }


def test_one_outcome_spelt_twice_stays_one_and_is_offered_again(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = answers_for(world, "agree_action_plan")
    action = plan["actions"][0] | {"outcome": " sam  Sleeps well."}
    world.do("agree_action_plan", "hana", case_id=case_id, **plan | {"actions": [action]})
    world.clock.advance(timedelta(weeks=13))
    world.tick()
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    again = answers_for(world, "hold_review") | {"next_step": "replan", "outcome": "same"}
    world.do("hold_review", "hana", case_id=case_id, **again)
    assert [option.label for option in page(world, "change_action_plan").options["outcomes"]] == ["Sam sleeps well"]
    more = answers_for(world, "agree_action_plan")
    more = more | {"outcomes": [{"outcome": "SAM SLEEPS WELL"}]}
    more = {name: value for name, value in more.items() if name != "next_review_on"}
    changed = {"plan_changed": "yes", "why": "More is needed", "family_view": "Yes"}
    world.do("change_action_plan", "hana", case_id=case_id, **changed, **more)
    kept = world.rows(sa.select(record.plan_outcomes.c.outcome))
    assert [row.outcome for row in kept] == ["Sam sleeps well"]
    linked = world.rows(sa.select(record.plan_actions.c.outcome_id))
    assert len({row.outcome_id for row in linked}) == 1


def test_whoever_asks_social_care_reads_what_was_seen(world: World) -> None:
    case_id = world.start_case()
    concerns.raise_concern(
        world.engine, actor=world.actor("hana"), case_id=case_id,
        answers={"what_happened": "A bruise on the arm", "immediate_danger": "yes"},
    )  # fmt: skip
    assert dict(page(world, "acknowledge_concern", "ada").about) == {
        "In danger now": "Yes: 999 first",
        "Who raised it": "Hana Verity, Monday 2 March at 09:00",
        "What happened": "A bruise on the arm",
    }


def test_closing_says_beforehand_that_a_concern_is_open(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    assert "Not yet" not in dict(page(world, "close_case").about)
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    assert "Record social care's answer first" in dict(page(world, "close_case").about)["Not yet"]
    with pytest.raises(Invalid) as refused:
        world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    assert refused.value.details["field"] == "reason"
