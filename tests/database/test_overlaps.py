"""Two agencies doing the same kind of help for one family: noticed when actions change, shown, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import plan_actions
from engine.errors import Invalid
from engine.queries import case_file, overlaps, worklist
from engine.store.tables import changes, record
from tests.episodes import STRAIGHT_ROAD, answers_for, start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def action(world: World, owner: str, help_: str, what: str = "Parents' evenings") -> dict[str, Any]:
    due_on = (world.today + timedelta(days=10)).isoformat()
    return {"outcome": "Calm", "action": what, "help": help_, "owner": str(world.ids[owner]), "due_on": due_on}


def agree(world: World, case_id: UUID, *actions: dict[str, Any]) -> None:
    world.do("agree_action_plan", "hana", case_id=case_id, outcomes=[{"outcome": "Calm"}], actions=list(actions))


def found(world: World) -> list[tuple[str, str]]:
    rows = world.rows(sa.select(changes.overlaps).order_by(changes.overlaps.c.found_on, changes.overlaps.c.id))
    return [(row.overlap, row.reason) for row in rows]


def sibling(world: World, case_id: UUID) -> UUID:
    child = sa.select(record.children.c.family_id).join(record.cases, record.cases.c.child_id == record.children.c.id)
    family_id = world.rows(child.where(record.cases.c.id == case_id))[0].family_id
    other = world.start_case(given_name="Mia", family_id=family_id)
    for step in STRAIGHT_ROAD:
        if step == "agree_action_plan":
            return other
        world.do(step, "hana", case_id=other, **answers_for(world, step))
    raise AssertionError


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (("idris", "parenting"), ("noor", "parenting"), "same"),
        (("idris", "behaviour"), ("noor", "parenting"), "near"),
        (("idris", "parenting"), ("hana", "parenting"), None),
        (("idris", "parenting"), ("noor", "money"), None),
        (("idris", "parenting"), ("noor", ""), None),
    ],
)
def test_a_plan_says_so_at_once(
    world: World, first: tuple[str, str], second: tuple[str, str], overlap: str | None
) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, *first), action(world, *second, what="A course"))
    assert [each for each, _ in found(world)] == ([overlap] if overlap else [])
    shown = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).overlaps
    assert len(shown) == (1 if overlap else 0)
    assert len(world.history(case_id, "overlap_found")) == len(shown)
    assert "choose_review" not in world.open_elements(case_id) and not world.incidents()


def test_who_sees_what_and_a_done_action_is_no_overlap(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, "idris", "parenting"), action(world, "noor", "parenting", what="A course"))
    (said,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).overlaps
    assert said == (
        "“A course” (Noor Bakar, Northcombe School) and “Parents' evenings” (Idris Cole, Northcombe Health). "
        "Two agencies give the same person the same kind of help: agree who goes on."
    )
    (row,) = overlaps.board(world.engine, actor=world.actor("cleo"))
    assert (row.case_id, row.child_name, row.said, row.exact) == (case_id, "Sam Whitlock", said, True)
    assert overlaps.board(world.engine, actor=world.actor("hana")) == ()
    done = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.action == "A course"))[0].id
    plan_actions.report(world.engine, actor=world.actor("noor"), action_id=done, progress="Done", done=True)
    assert case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).overlaps == ()
    assert overlaps.board(world.engine, actor=world.actor("cleo")) == ()


def test_a_sibling_s_plan_counts_and_is_named_only_to_who_may_see_it(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, "idris", "parenting"))
    other = sibling(world, case_id)
    agree(world, other, action(world, "noor", "parenting", what="A course"))
    assert [each for each, _ in found(world)] == ["same"]
    for here, there in ((case_id, "Mia Whitlock"), (other, "Sam Whitlock")):
        (hana,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=here).overlaps
        assert hana.count("in the plan of") == 1 and f"in the plan of {there}" in hana
    world.write(
        sa.update(record.case_members)
        .where(record.case_members.c.case_id == other, record.case_members.c.practitioner_id == world.ids["idris"])
        .values(to_on=world.today)
    )
    (idris,) = case_file.read(world.engine, actor=world.actor("idris"), case_id=case_id).overlaps
    assert idris == (
        "“Parents' evenings”: another plan for this family, which is not open to you, has help with parenting from "
        "another agency. Ask the coordinator who can tell you more."
    )


def test_help_for_each_child_of_its_own_is_near(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, "idris", "learning"))
    agree(world, sibling(world, case_id), action(world, "noor", "learning"))
    assert [each for each, _ in found(world)] == ["near"]


def test_the_kind_may_be_said_later_and_changed(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, "idris", "parenting"), action(world, "noor", "", what="A course"))
    course = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.action == "A course"))[0].id

    def say(kind: str) -> None:
        plan_actions.report(world.engine, actor=world.actor("noor"), action_id=course, progress="", help_kind=kind)

    say("parenting")
    assert [each for each, _ in found(world)] == ["same"]
    say("money")
    assert found(world) == []
    with pytest.raises(Invalid, match="from the list"):
        say("tea")
    kept = world.rows(sa.select(record.plan_actions.c.progress_on).where(record.plan_actions.c.id == course))
    assert kept[0].progress_on is None


def test_the_form_of_the_plan_shows_it_when_actions_are_added(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    agree(world, case_id, action(world, "idris", "parenting"), action(world, "noor", "parenting", what="A course"))
    world.clock.advance(timedelta(weeks=13))
    world.tick()
    world.do("choose_review", "hana", case_id=case_id, **answers_for(world, "choose_review"))
    world.do("hold_review", "hana", case_id=case_id, **answers_for(world, "hold_review") | {"next_step": "replan"})
    task = world.task("change_action_plan", case_id)
    page = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
    shown = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).overlaps
    twice = [each for each in page.about if each[0] == "The same kind of help twice"]
    assert twice == [("The same kind of help twice", sentence) for sentence in shown] and shown
