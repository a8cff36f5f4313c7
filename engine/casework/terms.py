"""What an authority calls the team round a child: TAC, TAF or TAYP; the record and the diagrams always say TAC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

STANDARD: Final = "TAC"
"""The word of the national guidance, written in diagrams, forms and rules."""
TERMS: Final[Mapping[str, str]] = {
    "TAC": "Team around the child",
    "TAF": "Team around the family",
    "TAYP": "Team around the young person",
}
"""Each local term and what it stands for."""
_SAID = re.compile(rf"\b{STANDARD}\b|\b{TERMS[STANDARD]}\b", re.IGNORECASE)


def term_of(profile: Mapping[str, Any]) -> str:
    """Return the term an authority's profile names, `TAC` when it names none."""
    return str(profile.get("meeting_term") or STANDARD)


def localised(text: str, term: str) -> str:
    """Return a text with the authority's own term where it says TAC or team around the child."""
    if term == STANDARD or not text:
        return text
    return _SAID.sub(lambda found: _instead(found.group(), term), text)


def _instead(said: str, term: str) -> str:
    if len(said) == len(STANDARD):
        # Only the capitals are the term; "tac" could be part of somebody's own words.
        return term if said == STANDARD else said
    whole = TERMS.get(term)
    if whole is None:
        return said
    return whole if said[0].isupper() else whole[0].lower() + whole[1:]
