"""What a review's meeting agreed stays, whatever the review is written up as: both are kept, and who changed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operations.reading import optional_day, text
from engine.store.review_meetings import AgreedTogether, agreed_for_review
from engine.work import Work


def keep_both(work: Work, answers: Mapping[str, Any]) -> str:
    """Return the review's notes: the meeting's own, and below them what they were changed into, by whom and when.

    Where the next step or date is no longer what the meeting agreed, the history says both.
    """
    said = text(answers, "notes")
    agreed = agreed_for_review(work.connection, work.case.id)
    if agreed is None:
        return said
    changed = _changed(agreed, answers)
    other = bool(agreed.notes) and said != agreed.notes
    if changed or other:
        work.record("meeting_agreement_changed", detail={**changed, "notes": other}, payload={"notes": said})
    if not other:
        return said
    who = work.actor.name if work.actor else "the service"
    new = said.removeprefix(agreed.notes).strip()
    verb = "Added" if said.startswith(agreed.notes) else "Written instead"
    return f"{agreed.notes}\n\n{verb} by {who}, {work.today.day} {work.today:%B %Y}: {new or 'nothing'}"


def _changed(agreed: AgreedTogether, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is otherwise than agreed: the next step and the one before, the next date and the one before."""
    found: dict[str, Any] = {}
    step, on = text(answers, "next_step"), optional_day(answers, "next_review_on")
    if agreed.next_step and step != agreed.next_step:
        found |= {"next_step": step, "agreed_step": agreed.next_step}
    if agreed.next_on is not None and on is not None and on != agreed.next_on:
        found |= {"next_on": on, "agreed_on": agreed.next_on}
    return found
