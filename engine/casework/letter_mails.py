"""What fills e-mails that go instead of a letter, or with a changed meeting: no child's name, no word of a letter.

Ordinary e-mail can be read by others on its way, and stays in mailboxes that this service does not keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from engine.casework.family_letters import moment
from engine.casework.reply_tokens import MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting as an e-mail tells it: `reference` is the case's, by which whoever is asked can be told more."""

    reference: str
    on: date
    at: time | None
    place: str


def to_practitioner(name: str, about: Meeting, *, again: bool, answer_to: str, page: bool) -> dict[str, str]:
    """Ask a practitioner to a meeting; `page` tells whether there is a private page on which they can answer."""
    opening = "A TAC meeting you were asked to is on another day now." if again else "You are asked to a TAC meeting."
    answer = f"Please say whether you will come, on this page, which is for you alone and needs no account: {MARK}"
    said = {"name": name, "opening": opening, "answer_to": answer_to, "answer": answer if page else ""}
    return {**meeting(about), **said}


def to_read(name: str, *, reference: str, until: date, answer_to: str) -> dict[str, str]:
    """Tell somebody of the family that a letter for them is on a private page, for who has not asked for more."""
    return {"name": name, "reference": reference, "page": MARK, "until": moment(until, None), "answer_to": answer_to}


def helped(name: str, *, reference: str, until: date) -> dict[str, str]:
    """Ask somebody without an account whether a plan that has ended helped."""
    return {"name": name, "reference": reference, "page": MARK, "until": moment(until, None)}


def off(told: Mapping[str, str], *, page: bool) -> dict[str, str]:
    """Tell somebody of the family what must not wait until they have read a letter: not to come, as `told` says.

    `page` tells whether there is a private page with the letter, which may name the child.
    """
    reading = f"The letter says whom it is about. Read it on this page, for you alone, without an account: {MARK}"
    return {**told, "reading": reading if page else ""}


def meeting(about: Meeting) -> dict[str, str]:
    """Return what an e-mail says of a meeting: that it is on another day, or that one need not come."""
    where = about.place or "you will be told"
    return {"reference": about.reference, "when": moment(about.on, about.at), "where": where}
