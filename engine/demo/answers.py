"""What the demo's people answer to each task of the shipped processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from engine.demo.stories import Story

Answers = Callable[[Story, Mapping[str, UUID], date, int], dict[str, Any]]
"""Takes the story, practitioner ids by name, today (local), and how often this task was answered before."""


def _consent(story: Story, _ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    answer = "refused" if story.refuses else "given"
    family = story.child.family_name
    if story.refuses:
        return {"consent": answer, "given_by": f"Mrs {family}", "reason": "The family would rather wait.",
                "signed_on": today.isoformat()}  # fmt: skip
    return {
        "consent": answer,
        "given_by": f"Ms {family}, mother",
        "scope": "School, health and the family support worker may share what helps with the plan.",
        "signed_on": today.isoformat(),
    }


def _assessment(story: Story, _ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {
        "strengths": "The family look after each other and have asked for help early.",
        "needs": story.need,
        "conclusions": "More than one service is needed, working to one plan.",
        "child_comment": story.wish,
        "parent_comment": "We would like one person to ring instead of five.",
        "completed_on": today.isoformat(),
    }


def _lead(story: Story, ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {
        "family_wishes": story.wish,
        "lead_professional": str(ids[story.worker]),
        "reasons": "Already trusted by the family and able to bring people together.",
        "planned_end_on": (today + timedelta(days=270)).isoformat(),
    }


def _meeting(_story: Story, ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    invited = ["Sunil Mehta", "Fiona Clarke"]
    return {
        "planned_on": _weekday(today + timedelta(days=12)).isoformat(),
        "starts_at": "16:00",
        "venue": "Hill Rise children's centre",
        "invited": [str(ids[name]) for name in invited],
        "agenda": "Hear from the family first. What is going well, what is hard, who will do what by when.",
    }


def _reply(_story: Story, _ids: Mapping[str, UUID], _today: date, _before: int) -> dict[str, Any]:
    return {"reply": "attending", "report": "Seen twice since the last contact; will bring notes."}


def _held(_story: Story, ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {
        "held_on": today.isoformat(),
        "attended": [str(ids["Fiona Clarke"])],
        "notes": "The family spoke first. Everybody agreed on the next steps below.",
    }


def _plan(story: Story, ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    outcome = f"{story.child.given_name} gets steady help that fits the family"
    return {
        "outcomes": [{"outcome": outcome}],
        "actions": [
            {"outcome": outcome, "action": story.action, "owner": str(ids[story.worker]),
             "due_on": _weekday(today + timedelta(days=28)).isoformat()},
            {"outcome": outcome, "action": "Visit at home every two weeks and report back", "owner":
             str(ids["Fiona Clarke"]), "due_on": _weekday(today + timedelta(days=42)).isoformat()},
        ],
    }  # fmt: skip


def _review(story: Story, _ids: Mapping[str, UUID], today: date, before: int) -> dict[str, Any]:
    last = before + 1 >= len(story.reviews)
    return {
        "held_on": today.isoformat(),
        "outcome": story.reviews[min(before, len(story.reviews) - 1)],
        "notes": "Went through each action with the family and wrote down what they said.",
        "next_step": "close" if story.closes and last else "continue",
    }


def _close(story: Story, _ids: Mapping[str, UUID], _today: date, _before: int) -> dict[str, Any]:
    return {
        "reason": "needs_met",
        "summary": f"{story.child.given_name} is doing well and the family know whom to ring.",
        "child_comment": "It is better now.",
        "parent_comment": "Having one person to ring made the difference.",
    }


def _discussion(_story: Story, _ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {
        "discussed_on": today.isoformat(),
        "tried": "Two visits, letters to housing and the nursery team; nothing has moved.",
        "decision": "refer_to_mag",
        "next_step": "Ask the family whether the multi-agency group may look at the plan.",
        "next_step_on": _weekday(today + timedelta(days=7)).isoformat(),
    }


def _mag_consent(story: Story, _ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {"mag_consent": story.mag_consent, "given_by": "Mother", "asked_on": today.isoformat()}


def _refer(story: Story, _ids: Mapping[str, UUID], today: date, _before: int) -> dict[str, Any]:
    return {
        "reason": story.need,
        "tried": "The line manager's discussion and two plans.",
        "papers_sent_on": today.isoformat(),
    }


def _weekday(day: date) -> date:
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


ANSWERS: Final[Mapping[str, Answers]] = {
    "record_consent": _consent,
    "complete_assessment": _assessment,
    "appoint_lead_professional": _lead,
    "arrange_tac_meeting": _meeting,
    "reply_to_invitation": _reply,
    "hold_tac_meeting": _held,
    "agree_action_plan": _plan,
    "hold_review": _review,
    "close_case": _close,
    "discuss_stalled_plan": _discussion,
    "ask_consent_for_mag": _mag_consent,
    "refer_to_mag": _refer,
}
