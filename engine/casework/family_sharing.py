"""What a parent or carer may be told of a child's case, and who decided it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.casework.permissions import Actor, Relation

TOLD: Final = ("everything", "part", "nothing")
"""How much somebody of the family may be told: what the family's consent covers, a part of it, or nothing at all."""
DECIDED_BY: Final = ("family", "young_person", "practitioner", "court")
"""Whose decision it is: a young person who understands may decide for themselves, against a parent's wish too."""
DECIDERS: Final = MappingProxyType(
    {
        "family": "the family",
        "young_person": "the young person",
        "practitioner": "the practitioners, for the child's safety",
        "court": "a court, or social care",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What somebody of a child's family may be told. `part` says what, when it is not everything.

    `competence` says who judged that a young person who decides understands, and why (Gillick, Fraser).
    """

    told: str = "everything"
    part: str = ""
    decided_by: str = "family"
    competence: str = ""
    reason: str = ""

    @property
    def faults(self) -> dict[str, str]:
        """What is missing or wrong, a sentence for each field."""
        wrong = {}
        if self.told not in TOLD:
            wrong["told"] = "Choose what they may be told"
        if self.told == "part" and not self.part:
            wrong["part"] = "Say what they may be told"
        if self.decided_by not in DECIDED_BY:
            wrong["decided_by"] = "Choose who decided it"
        if self.told in ("part", "nothing") and not self.reason:
            wrong["reason"] = "Say why; it is shown to whoever works with the family"
        if self.decided_by == "young_person" and not self.competence:
            wrong["competence"] = "Say who judged that the young person understands, and why"
        return wrong


def sentence(sharing: Sharing) -> str:
    """Say to a practitioner what somebody of the family may be told, and why."""
    if sharing.told == "everything":
        said = "May be told everything the consent covers"
    elif sharing.told == "part":
        said = f"May be told only this: {_whole(sharing.part)}"
    else:
        said = "Tell them nothing, and keep every copy from them"
    decided = f"Decided by {DECIDERS[sharing.decided_by]}"
    because = f": {_whole(sharing.reason)}" if sharing.reason else ""
    judged = f" Understands, as judged: {_whole(sharing.competence)}." if sharing.competence else ""
    return f"{said}. {decided}{because}.{judged}"


def stopped(name: str, sharing: Sharing) -> str:
    """Say why a letter to somebody of the family does not go, and who decided it; empty while it may."""
    if sharing.told != "nothing":
        return ""
    because = f": {_whole(sharing.reason)}" if sharing.reason else ""
    who = DECIDERS[sharing.decided_by]
    return f"{name} is to be told nothing, so this letter is not sent. Decided by {who}{because}"


def _whole(text: str) -> str:
    return text.strip().rstrip(".")


def may_see_secret_address(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may see an address that is secret: the fewest who need it, to visit or to ring."""
    return relation.leads or relation.assesses or "coordinator" in actor.roles
