"""Steps that the diagrams without an assessment share: the family agrees, somebody leads, the team meets, it closes."""

from __future__ import annotations

from typing import Any

from engine.forms import walk as form_fields
from tests.processes.walking import Walk, shipped_form

ACTION = {"outcome": "Sleeps well", "action": "Visit weekly", "owner": "nadia"}


OFFERED = {
    "given_by": "Sam's mother", "offered_by": "Noor Bakar, school", "offered": "A club after school; they take it.",
}  # fmt: skip
"""What one service offers a family that refused."""
GOES_ON: dict[str, Any] = {"ends_with": "no_actions", "no_actions_why": "The plan follows.", "next_on": "2026-05-12"}
"""How a meeting ends that leaves the actions to the plan."""


def agree_to_begin(walk: Walk, consent: str = "given") -> None:
    """Let nobody else lead a plan, and the family answer."""
    walk.do("search_for_existing", found="none")
    said = OFFERED if consent == "refused" else {"given_by": "Sam's mother"}
    walk.do("record_consent", consent=consent, signed_on=str(walk.today), **said)


def choose_lead(walk: Walk) -> None:
    """Let whoever chooses lead themselves."""
    walk.do("appoint_lead_professional", family_wishes="Nadia", lead_professional="nadia", reasons="They trust her.")


def meet(walk: Walk) -> None:
    """Arrange the team meeting for today, and hold it with the family."""
    walk.do("arrange_tac_meeting", planned_on=str(walk.today), starts_at="4pm", venue="School", invited=["nadia"])
    held: dict[str, Any] = {"held_on": str(walk.today), "family_came": "yes", "attended": ["nadia"]}
    walk.do("hold_tac_meeting", notes="Sam spoke first.", **held, **GOES_ON)


def agree(walk: Walk, **more: Any) -> None:
    """Write down a plan of one action."""
    walk.do("agree_action_plan", actions=[ACTION | {"due_on": str(walk.today)}], **more)


def review(walk: Walk, next_step: str, *, outcome: str = "same", **more: Any) -> None:
    """Let the review come round, without a meeting."""
    walk.owners = []
    walk.fire("wait_for_review")
    walk.do("choose_review", way="updates")
    said = {"outcome": outcome, "next_step": next_step, "notes": "Sam said so."} | more
    walk.do("hold_review", held_on=str(walk.today), **said)


def close(walk: Walk) -> None:
    """Close the case, signed off."""
    asked = {each.key for each in form_fields(shipped_form("close_case").fields)}
    told = {"family_told": "yes"} if "family_told" in asked else {}
    walk.do("close_case", reason="needs_met", summary="Sam sleeps.", **told)
    if "sign_off_closure" in walk.open_elements:
        walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations()[-1] == "close_record"
    assert walk.end == "completed"
