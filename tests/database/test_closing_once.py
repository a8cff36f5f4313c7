"""A case closes once, and for a reason that still holds: however many things end it, and whatever comes in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import consents, running_work
from engine.errors import Invalid
from engine.operations.closures import GOES_ON
from engine.operations.concerns import BOTH_STAND
from engine.queries import moving_on, worklist
from engine.store.tables import changes
from tests.database.test_concerns import CLOSING, THEIR_PLAN, answer, raise_one
from tests.database.test_consent_withdrawn import again
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

STEP = "How long until the review?"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def withdrawn(world: World, case_id: UUID) -> None:
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")


def checked(world: World, case_id: UUID) -> None:
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="Seen at home.")


def close(world: World, case_id: UUID, reason: str) -> None:
    world.do("close_case", "hana", case_id=case_id, **CLOSING | {"reason": reason})


def written(world: World) -> list[tuple[str, bool]]:
    """Return the closures in order, each with its reason and whether it is signed off."""
    rows = world.rows(sa.select(changes.closures).order_by(changes.closures.c.id))
    return [(row.reason, row.signed_on is not None) for row in rows]


def closing(world: World, case_id: UUID) -> list[str]:
    return [each for each in world.open_elements(case_id) if each in ("close_case", "sign_off_closure")]


def test_a_withdrawal_joins_the_closing_that_a_review_began(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    withdrawn(world, case_id)
    checked(world, case_id)
    assert closing(world, case_id) == ["close_case"]
    page = worklist.task(world.engine, actor=world.actor("hana"), task_id=world.task("close_case", case_id).id)
    assert page.prefill["reason"] == "consent_withdrawn"
    close(world, case_id, "consent_withdrawn")
    assert closing(world, case_id) == ["sign_off_closure"]
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert written(world) == [("consent_withdrawn", True)]
    assert world.case(case_id).closure_reason == "consent_withdrawn"
    assert world.open_elements(case_id) == [] and world.timers(case_id) == []


def test_a_closure_that_waits_for_its_sign_off_is_written_again_after_a_withdrawal(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    close(world, case_id, "needs_met")
    withdrawn(world, case_id)
    checked(world, case_id)
    assert closing(world, case_id) == ["sign_off_closure"]
    with pytest.raises(Invalid, match="send it back"):
        world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="no", why="They withdrew")
    close(world, case_id, "consent_withdrawn")
    world.pass_days(2)
    assert closing(world, case_id) == ["sign_off_closure"]
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert written(world) == [("needs_met", False), ("consent_withdrawn", True)]
    assert world.case(case_id).closure_reason == "consent_withdrawn"


def test_a_closure_signed_off_during_the_check_does_not_close_for_what_it_said_before(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    close(world, case_id, "needs_met")
    withdrawn(world, case_id)
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    checked(world, case_id)
    assert world.case(case_id).closed_on is None
    assert closing(world, case_id) == ["close_case"] and written(world) == [("needs_met", False)]


def test_the_closing_that_waited_is_asked_when_the_family_agrees_again(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    withdrawn(world, case_id)
    checked(world, case_id)
    held: dict[str, Any] = {"held_on": world.today.isoformat(), "outcome": "better", "notes": "Sleeping"}
    world.do("hold_review", "hana", case_id=case_id, next_step="close", **held)
    assert closing(world, case_id) == ["close_case"]
    world.clock.advance(timedelta(days=1))
    again(world, case_id)
    assert closing(world, case_id) == []
    world.pass_days(4)
    assert closing(world, case_id) == ["close_case"]
    assert not world.incidents() and not world.verified().findings


@pytest.mark.parametrize("agrees", [True, False])
def test_no_review_is_prepared_while_the_case_closes_and_one_is_once_the_family_agrees_again(
    world: World, agrees: bool
) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    withdrawn(world, case_id)
    checked(world, case_id)
    world.pass_days(60)
    assert "choose_review" not in world.open_elements(case_id) and closing(world, case_id) == ["close_case"]
    if agrees:
        again(world, case_id)
        assert world.task("choose_review", case_id).due_on == world.today and closing(world, case_id) == []
    else:
        close(world, case_id, "consent_withdrawn")
        world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
        assert world.open_elements(case_id) == [] and world.case(case_id).closed_on == world.today
    assert not world.incidents() and not world.verified().findings


def test_what_social_care_has_taken_on_does_not_close_as_needs_met_by_itself(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    close(world, case_id, "needs_met")
    raise_one(world, case_id)
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    answer(world, world.task("acknowledge_concern", case_id))
    assert world.case(case_id).closed_on is None
    assert closing(world, case_id) == ["close_case"] and written(world) == [("needs_met", False)]
    page = worklist.task(world.engine, actor=world.actor("hana"), task_id=world.task("close_case", case_id).id)
    assert "Social care has taken the child on since" in str(page.about)
    close(world, case_id, "needs_met")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closure_reason == "needs_met", "who leads and signs off may say so all the same"


def test_two_concerns_taken_on_ask_once_what_becomes_of_the_plan(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    raise_one(world, case_id)
    raise_one(world, case_id)
    for task in [each for each in world.tasks(case_id) if each.element_id == "acknowledge_concern"]:
        answer(world, task)
    assert world.open_elements(case_id).count("decide_with_social_care") == 1


@pytest.mark.parametrize("signing", [False, True])
def test_a_plan_that_is_to_go_on_and_a_closing_that_waits_do_not_stand_beside_each_other_unsaid(
    world: World, signing: bool
) -> None:
    case_id = start_and_walk_to(world, "close_case")
    raise_one(world, case_id)
    answer(world, world.task("acknowledge_concern", case_id))
    if signing:
        close(world, case_id, "needs_met")
    goes_on = {"plan_with_social_care": "goes_on", "why": "Mornings.", **THEIR_PLAN}
    world.do("decide_with_social_care", "hana", case_id=case_id, **goes_on)
    world.tick()
    said = [mail for mail in world.mailbox.messages if mail.subject == BOTH_STAND]
    assert {mail.practitioner_id for mail in said} == {world.ids["hana"], world.ids["morgan"]}
    assert all("What runs on this case" in mail.body for mail in said)
    assert world.history(case_id, "plan_with_social_care")[0].detail["closing"] is True
    waiting, who = ("sign_off_closure", "morgan") if signing else ("close_case", "hana")
    page = worklist.task(world.engine, actor=world.actor(who), task_id=world.task(waiting, case_id).id)
    assert "It was agreed with social care that this plan goes on" in dict(page.about)["Agreed since"]
    assert written(world) == ([("needs_met", False)] if signing else [])
    if signing:
        with pytest.raises(Invalid, match="send it back"):
            world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    let_it_go_on(world, case_id)
    assert closing(world, case_id) == [] and "wait_for_review" in {each.element_id for each in world.timers(case_id)}
    assert not world.incidents() and not world.verified().findings


def let_it_go_on(world: World, case_id: UUID) -> None:
    """Do on "What runs on this case" what the message says."""
    about: dict[str, Any] = {"actor": world.actor("morgan"), "case_id": case_id}
    about["instance_id"] = world.instance(case_id, "caf_episode").id
    places = moving_on.movable(world.engine, **about).places
    place = next(each for each in places if STEP in {step.name for step in each.steps})
    assert place.name == "Close the case" and STEP in GOES_ON
    to = next(step.element_id for step in place.steps if step.name == STEP)
    running_work.move_process(world.engine, **about, token_id=place.token_id, to=to, why="It goes on")
