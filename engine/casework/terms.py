"""What an authority calls the team round a child: TAC, TAF or TAYP; the record and the diagrams always say TAC.

Files and what is stored stay as they were written: each text from a file is put in the authority's own words where it
is shown. What a person typed never passes through here.
"""

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
_ROUND_WHOM: Final[Mapping[str, tuple[str, str]]] = {
    "TAF": ("family", "families"),
    "TAYP": ("young person", "young people"),
}
_SAID = re.compile(
    rf"\b{STANDARD}(?P<many>s?)\b|\b(?P<round>teams?[\s-]+around[\s-]+the[\s-]+)(?P<whom>child(?P<ren>ren)?)\b",
    re.IGNORECASE,
)


def term_of(profile: Mapping[str, Any]) -> str:
    """Return the term an authority's profile names, `TAC` when it names none."""
    return str(profile.get("meeting_term") or STANDARD)


def localised(text: str, term: str) -> str:
    """Return a text with the authority's own term where it says TAC or team around the child, one or several."""
    if term == STANDARD or not text:
        return text
    return _SAID.sub(lambda found: _instead(found, term), text)


def _instead(found: re.Match[str], term: str) -> str:
    if found["round"] is None:
        # Only the capitals are the term; "tac" could be part of other words.
        return term + found["many"] if found.group().startswith(STANDARD) else found.group()
    if term not in _ROUND_WHOM:
        return found.group()
    whom = _ROUND_WHOM[term][1 if found["ren"] else 0]
    return found["round"] + (whom.title() if found["whom"][0].isupper() else whom)
