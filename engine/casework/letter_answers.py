"""Where a letter to a family says an answer of a task, and the same letter with another answer in its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Final

from engine.casework.family_letters import ASSESSED, FOUND

_ASSESSMENT: Final = ("assessment", frozenset(ASSESSED))
TOLD_IN: Final[Mapping[str, tuple[str, Set[str]]]] = {
    "complete_assessment": _ASSESSMENT,
    "complete_reassessment": _ASSESSMENT,
    "hold_tac_meeting": ("notes", frozenset({"notes"})),
    "hold_review": ("notes", frozenset({"notes", "outcome"})),
}
"""Record operation -> the kind of letter that is made from its answers, and which of their properties it says."""
_LONG: Final = 40
"""From how many characters words are told from other words by themselves, wherever in a line they stand."""


def says(body: str, name: str, answer: str) -> bool:
    """Tell whether a letter says an answer to the property `name`: short words as lines of their own only."""
    told = _told(name, answer)
    return bool(told) and _where(told).search(body) is not None


def put(body: str, name: str, was: str, now: str) -> str:
    """Return a letter with the answer `now` where it says `was`; unchanged where it does not, or says `now` already."""
    old, new = _told(name, was), _told(name, now)
    if not old or (says(body, name, now) and not _where(new).search(old)):
        return body
    return _where(old).sub(lambda _: new, body)


def takes_the_place(body: str, sent_on: date) -> str:
    """Return a letter that says, below whom it greets, that it takes the place of one that was sent on a day."""
    greeting, gap, rest = body.partition("\n\n")
    day = f"{sent_on.day} {sent_on:%B %Y}"
    said = f"We have corrected something in what you had from us on {day}. This letter takes its place."
    return f"{greeting}{gap}{said}\n\n{rest}" if gap else f"{said}\n\n{body}"


def _told(name: str, answer: str) -> str:
    return FOUND.get(answer, answer) if name == "outcome" else answer.strip()


def _where(told: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in told.split())
    whole = len(told) >= _LONG
    return re.compile(words if whole else rf"^{words}(?=[ \t]*$| for you\.| for your family\.)", re.MULTILINE)
