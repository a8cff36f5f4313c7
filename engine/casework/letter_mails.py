"""E-mails that go instead of a letter, or with a change of a meeting: no name of a child and no word of a letter. Pure.

Ordinary e-mail can be read by others on its way, and stays in mailboxes that this service does not keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from engine.casework.family_letters import Letter, moment
from engine.casework.reply_tokens import MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting as an e-mail tells it: `reference` is the case's, by which whoever is asked can be told more."""

    reference: str
    on: date
    at: time | None
    place: str


def to_practitioner(name: str, about: Meeting, *, again: bool, answer_to: str, page: bool) -> Letter:
    """Ask a practitioner to a meeting; `page` tells whether there is a private page on which they can answer."""
    opening = "A TAC meeting you were asked to is on another day now." if again else "You are asked to a TAC meeting."
    answer = f"Please say whether you will come, on this page, which is for you alone and needs no account: {MARK}"
    paragraphs = (
        f"Dear {name},",
        f"{opening} Our reference is {about.reference}. E-mail is not private, so no child is named here.",
        _where(about),
        answer if page else "",
        f"If you want to know more: {answer_to}. Please write the reference only, and no names.",
    )
    return Letter("You are asked to a TAC meeting", _joined(paragraphs))


def to_read(name: str, *, until: date, answer_to: str) -> Letter:
    """Tell somebody of the family that a letter for them is on a private page, for who has not asked for more."""
    paragraphs = (
        f"Dear {name},",
        "There is a letter for you. E-mail is not private, so it is not in this message.",
        f"You can read it on this page, which is for you alone and needs no account: {MARK}",
        f"The page is there until {moment(until, None)}.",
        f"If you want the letter on paper, or did not expect one: {answer_to}.",
    )
    return Letter("A letter for you", _joined(paragraphs))


def moved(about: Meeting) -> Letter:
    """Say that a meeting is on another day: the calendar entry that goes with it changes the one that was sent."""
    said = f"A TAC meeting that stands in your calendar is on another day now. Our reference is {about.reference}."
    return Letter("A TAC meeting is on another day", _joined((said, _where(about))))


def called_off(about: Meeting) -> Letter:
    """Say that a meeting is not held, or one is not asked any more: its calendar entry is taken back."""
    when = moment(about.on, about.at)
    said = f"You need not come to the TAC meeting on {when}. Our reference is {about.reference}."
    return Letter("You need not come to a TAC meeting", _joined((said, "Its entry in your calendar is taken back.")))


def _where(about: Meeting) -> str:
    return f"When: {moment(about.on, about.at)}\nWhere: {about.place or 'you will be told'}"


def _joined(paragraphs: tuple[str, ...]) -> str:
    return "\n\n".join(part for part in paragraphs if part)
