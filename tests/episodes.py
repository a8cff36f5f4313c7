"""A CAF episode in a `World`, step by step: what each task of the straight road is answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.worlds import World

Answers = Callable[[World], Mapping[str, Any]]


def _in(world: World, days: int) -> str:
    return (world.today + timedelta(days=days)).isoformat()


def _plan(world: World) -> Mapping[str, Any]:
    action = {
        "outcome": "Sam sleeps well",
        "action": "Agree a bedtime",
        "owner": str(world.ids["hana"]),
        "due_on": _in(world, 10),
    }
    return {"outcomes": [{"outcome": "Sam sleeps well"}], "actions": [action]}


def agreed(world: World, *, weeks: int = 6) -> Mapping[str, Any]:
    """Return how a meeting ends that goes on with the actions there are, and a next date."""
    return {"ends_with": "no_actions", "no_actions_why": "The plan follows.", "next_on": _in(world, 7 * weeks)}


STRAIGHT_ROAD: Mapping[str, Answers] = {
    "record_consent": lambda world: {
        "consent": "given", "given_by": "Jo Whitlock", "how_given": "paper",
        "shared_for": "To plan help for Sam together", "scope": "School and health", "signed_on": _in(world, 0),
    },
    "complete_assessment": lambda world: {
        "strengths": "A close family", "needs": "Sleep", "conclusions": "A plan is needed",
        "signed_by": "Jo Whitlock",
        "completed_on": _in(world, 0),
    },
    "appoint_lead_professional": lambda world: {
        "family_wishes": "Hana, please", "lead_professional": str(world.ids["hana"]), "reasons": "Knows the family",
    },
    "arrange_tac_meeting": lambda world: {
        "planned_on": _in(world, 14), "starts_at": "16:00", "venue": "School",
        "invited": [str(world.ids["idris"]), str(world.ids["noor"])],
    },
    "hold_tac_meeting": lambda world: {
        "held_on": _in(world, 0), "family_came": "yes", "attended": [str(world.ids["idris"])],
        "notes": "Everybody spoke.", **agreed(world),
    },
    "finish_tac_meeting": lambda _world: {"family_has_it": "yes"},
    "agree_action_plan": _plan,
    "choose_review": lambda world: {"way": "updates"},
    "hold_review": lambda world: {
        "held_on": _in(world, 0), "outcome": "better", "notes": "Sleeping", "next_step": "close",
    },
    "close_case": lambda world: {"reason": "needs_met", "summary": "Sam sleeps well.", "family_told": "yes"},
}  # fmt: skip
"""Every task of an episode without trouble, in order, with valid answers; Hana does them all."""


def answers_for(world: World, element: str) -> dict[str, Any]:
    """Return valid answers to one task of the straight road."""
    return dict(STRAIGHT_ROAD[element](world))


def start_and_walk_to(world: World, element: str, **child: Any) -> UUID:
    """Open a case and walk the straight road until `element` is open; return the case's id."""
    case_id = world.start_case(**child)
    for step in STRAIGHT_ROAD:
        if step == "choose_review":
            world.clock.advance(timedelta(weeks=13))
            world.tick()
        if step == element:
            assert element in world.open_elements(case_id)
            return case_id
        world.do(step, "hana", case_id=case_id, **answers_for(world, step))
    raise AssertionError(f"the straight road has no {element}")
