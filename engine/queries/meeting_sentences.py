"""What each kind of event about team meetings says to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries import words
from engine.queries.told_events import Sentence, Told

_REPLIES: Final = {
    "attending": "will come to the meeting",
    "apologies": "cannot come to the meeting",
    "substitute": "sends somebody else to the meeting",
}
_ENDS: Final = {
    "close": "it was agreed to close the case",
    "step_up": "it was agreed that the family needs social care",
}
_SENT: Final = {"post": "was posted to", "hand": "was handed to", "email": "was e-mailed to"}


def _arranged(told: Told) -> str:
    on = f"{told.day('planned_on')}{_off(told)}"
    return f"A meeting was arranged for {on}; {told.count('invited', 'person')} invited"


def _off(told: Told) -> str:
    return ", a day on which nobody works by the calendar" if told.detail.get("day_off") else ""


def _invited(told: Told) -> str:
    asked, left = int(told.detail.get("asked") or 0), int(told.detail.get("not_asked") or 0)
    said = f"Written to the family: {told.count('asked', 'letter')}" if asked else "Nobody of the family was written to"
    return f"{said}; {told.count('not_asked', 'person')} not asked, each with a reason" if left else said


def _added(told: Told) -> str:
    who = "Somebody else of the family" if told.detail.get("family") else told.name(told.subject)
    return f"{who} was asked to the meeting that was arranged before"


def _replied(told: Told) -> str:
    where = " on their private page" if told.detail.get("by_page") else ""
    if not int(told.detail.get("answered") or 0):
        return "Nobody of the family has answered about the meeting"
    return f"Of the family, {told.count('answered', 'person')} answered about the meeting{where}"


def _chased(told: Told) -> str:
    parts = [f"Reminded of the invitation: {told.count('silent', 'person')}"]
    if told.detail.get("no_report"):
        parts.append(f"of a report: {told.count('no_report', 'person')}")
    if told.detail.get("managers"):
        parts.append(f"{told.count('managers', 'line manager')} told")
    return "; ".join(parts)


def _held(told: Told) -> str:
    family = f" and {told.count('family', 'person')} of the family" if told.detail.get("family") else ""
    ends = _ENDS.get(str(told.detail.get("ends_with") or ""), "")
    came = f"The meeting was held; {told.count('attended', 'practitioner')}{family} came"
    return f"{came}, and {ends}" if ends else came


def _circulated(told: Told) -> str:
    copies = told.count("copies", "copy")
    return f"The team was told of the meeting's notes, and {copies} written for the family"


def _letter_sent(told: Told) -> str:
    what = f"A letter, “{told.about}”," if told.about else "A letter"
    return f"{what} {told.one_of('how', _SENT)} {told.name(told.subject)}"


def _rebooked(told: Told) -> str:
    on = f"{told.day('planned_on')}{_off(told)}"
    stays, moved = f"The meeting stays on {on}", f"The meeting was moved to {on}"
    return f"{stays if told.detail.get('stays') else moved}; everybody is asked again"


MEETINGS: Final[Mapping[str, Sentence]] = {
    "tac_meeting_arranged": _arranged,
    "family_invited": _invited,
    "family_replied": _replied,
    "practitioners_written_to": lambda told: f"Written to practitioners: {told.count('letters', 'letter')}",
    "letter_changed": lambda told: "A letter was worded anew before it was sent",
    "letter_written_again": lambda told: "A letter that was sent was written once more",
    "address_warning_overruled": "The warning that a text may tell what its reader is not to know was overruled",
    "letter_held_back": "A letter to the family is held back: its reader may not know something in it any more",
    "letter_let_go": "A letter to the family is not held back any more",
    "meeting_place_secret": "The place of the coming meeting may tell an address that is kept secret: it is told to "
    "nobody any more",
    "meeting_place_open": "The place of the coming meeting is told again",
    "mail_agreed": lambda told: "Somebody of the family wants their letters in full by e-mail",
    "mail_agreement_ended": lambda told: "Letters to somebody of the family do not go in full by e-mail any more",
    "reply_page_closed": lambda told: "The private page for an answer was closed",
    "family_letter_sent": _letter_sent,
    "invitation_answered": lambda told: f"{told.name(told.subject)} {told.one_of('reply', _REPLIES)}",
    "invitation_added": _added,
    "invitation_called_off": lambda told: f"{told.name(told.subject)} is not asked to the meeting any more",
    "replies_chased": _chased,
    "tac_meeting_held": _held,
    "tac_meeting_finished": lambda told: f"The meeting's checklist for afterwards: {words.listed(_ticks(told))}",
    "tac_meeting_without_family": "Nobody of the family came to the meeting, so it is booked again",
    "tac_meeting_not_held": "The meeting was not held, so it is booked again",
    "tac_meeting_rebooked": _rebooked,
    "tac_meeting_let_go": "The brother’s or sister’s meeting that this one went with is not held then: it is booked by "
    "itself",
    "tac_meeting_called_off": "The meeting that was arranged was called off",
    "minutes_circulated": _circulated,
}
"""Kind of event -> its sentence, without the full stop."""

MEETINGS_WITH_WORDS: Final = frozenset(
    {
        "address_warning_overruled",
        "invitation_called_off",
        "tac_meeting_called_off",
        "tac_meeting_finished",
        "tac_meeting_rebooked",
    }
)
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""


def _ticks(told: Told) -> list[str]:
    done, left = int(told.detail.get("done") or 0), int(told.detail.get("left") or 0)
    return [f"{done} done", *([f"{left} left undone"] if left else [])]
