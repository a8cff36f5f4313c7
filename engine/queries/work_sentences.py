"""What people do about each other's work, as sentences: delegated, taken back, asked how it gets on, commented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries.told_events import Sentence, Told


def _commented(told: Told) -> str:
    on = {"task": f" on “{told.task}”", "action": " on an action of the plan"}.get(str(told.detail.get("of") or ""), "")
    return f"Comment{on}"


def _answered(told: Told) -> str:
    by = f", to be put right by {told.day('by_on')}" if told.detail.get("by_on") else ""
    return f"About what is late{by}"


def _moved(told: Told) -> str:
    version = f"version {told.detail['to']}" if told.detail.get("to") else "another version"
    return f"“{told.process}” goes on by {version} of its diagram"


def _to(told: Told) -> str:
    return told.name(told.detail.get("to"))


WORK: Final[Mapping[str, Sentence]] = {
    "task_delegated": lambda told: f"{_to(told)} was asked to do “{told.task}” for a colleague",
    "task_taken_back": lambda told: f"“{told.task}” was taken back by who had delegated it",
    "task_chased": lambda told: f"{_to(told)} was asked how “{told.task}” gets on",
    "action_chased": lambda told: f"{_to(told)} was asked how an action gets on",
    "comment_added": _commented,
    "lateness_answered": _answered,
    "interim_lead_undone": lambda told: f"{told.name(told.subject)} does not lead in between after all",
    "due_date_moved": lambda told: f"“{told.task}” is due on {told.day('now')} now",
    "timer_moved": lambda _told: "A timer was moved to another day",
    "process_cancelled": lambda told: f"“{told.process}” was stopped",
    "process_put_elsewhere": lambda told: f"“{told.process}” was moved to another step by hand",
    "hours_promised": lambda told: f"How many hours a week {told.name(told.subject)} has for this work was kept",
    "batch_begun": "Work was shared out in one go",
    "batch_paused": "Sharing out work in one go was paused",
    "batch_resumed": "Sharing out work in one go went on",
    "batch_ended": "Sharing out work in one go ended",
    "rehearsal_begun": "Running cases were tried on a release",
    "rehearsal_ended": "Every running case has been tried on a release",
    "rehearsal_choice_made": "What becomes of running cases at a release was chosen",
    "version_changed": _moved,
}
WORK_WITH_WORDS: Final = frozenset(
    {
        "comment_added", "lateness_answered", "due_date_moved", "timer_moved", "process_cancelled",
        "process_put_elsewhere",
    }
)
