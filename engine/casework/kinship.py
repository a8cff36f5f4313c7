"""What a relationship in a person's own words ("step-mum", "Nan") says of where somebody stands in a family. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

GRANDPARENTS, PARENTS, CHILDREN = 0, 1, 2
"""The rows of a family's picture, the oldest above."""
_GRAND: Final = re.compile(r"\b(grand\w*|gran|granny|nan|nana|nanny|gramp\w*)\b")
_PARENT: Final = re.compile(r"(mother|father|parent|guardian|carer|\bmum\w*|\bmam|\bmom|\bdad\w*)")
_CHILD: Final = re.compile(r"\b((half|step)[- ]?)?(brother|sister|sibling|twin)s?\b")
_LAW: Final = re.compile(r"in[- ]law\b|\bgod|\bdinner|\bchild ?mind")
_FEMALE: Final = re.compile(r"(mother|sister|aunt|niece|daughter|\bmum|\bmam|\bmom|\bnan|\bgran(ny|ma|dma)?\b|wife)")
_MALE: Final = re.compile(r"(father|brother|uncle|nephew|\bson\b|\bdad\w*|grandad|granddad|grandpa|husband|\bgramp)")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: their `row`, their sex as the word says (of `child_facts.SEXES`), a line to the child."""

    row: int
    sex: str
    related: bool


def standing(relationship: str) -> Standing:
    """Return where a relationship puts somebody; whoever it does not place stands by the parents without a line."""
    said = re.split(r"[,(;]", relationship.casefold(), maxsplit=1)[0]
    sex = "female" if _FEMALE.search(said) else "male" if _MALE.search(said) else "unknown"
    if _LAW.search(said):
        return Standing(PARENTS, sex, related=False)
    for row, pattern in ((GRANDPARENTS, _GRAND), (CHILDREN, _CHILD), (PARENTS, _PARENT)):
        if pattern.search(said):
            return Standing(row, sex, related=True)
    return Standing(PARENTS, sex, related=False)
