"""What a family's consent to sharing covers: the answers, the kinds of information, the sentences about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from types import MappingProxyType
from typing import Final

ANSWERS: Final = (
    "given", "limited", "refused", "withdrawn", "lapsed", "yes", "no", "not_asked", "no_answer",
)  # fmt: skip
"""Everything a family may have said. `lapsed`: the last day that it had set itself is over."""
SHARED: Final = ("given", "limited")
"""The answers under which information is shared."""
STOPPED: Final = ("refused", "withdrawn", "lapsed")
"""The answers under which nothing is shared with anybody of the team."""
WHOSE: Final = ("parent", "young_person")
"""Whose consent it is: a parent's or carer's, or the own one of a young person who understands."""
HOW_GIVEN: Final = MappingProxyType(
    {
        "paper": "signed on paper",
        "screen": "signed on screen or by e-mail",
        "meeting": "said at a meeting",
        "phone": "said by phone",
    }
)
"""How a family gave its answer."""
KINDS: Final = MappingProxyType(
    {
        "assessment": "What the assessment says",
        "plan": "The plan, and how it goes",
        "notes": "The notes of meetings and reviews",
    }
)
"""The kinds of information that a family may let be shared or leave out. The child's name, who leads and when the team
meets are known to whoever is on the team."""
NOTHING: Final = "nothing"
"""Ticked among the kinds: they may know nothing of this in writing. It is kept as no kind at all."""
ASK_AGAIN: Final = "ask_consent_again"
"""The diagram by which the family is asked again."""


def not_covered(names: Sequence[str]) -> str:
    """Say that the consent in force leaves these people out, and what to do."""
    return (
        f"The family’s consent does not cover {_joined(names)}. "
        "Ask them first: “Ask the family about consent again” on the case’s page"
    )


NOT_FOUND: Final = "not_found"
NOT_ASKED: Final = "not_asked"
"""Why nothing is shared beside the answers of `STOPPED`: nobody can reach the family, or nobody has asked it yet."""
_REASONS: Final = MappingProxyType(
    {
        "refused": "The family does not agree to information being shared",
        "withdrawn": "The family does not agree to information being shared",
        "lapsed": "The time for which the family agreed is over",
        NOT_FOUND: "The family cannot be reached",
        NOT_ASKED: "The family has not been asked yet",
    }
)
_FIRST: Final = MappingProxyType(
    {
        "refused": "Start a new case once they agree",
        NOT_FOUND: "Record first that the family was found",
        NOT_ASKED: "Record the family’s answer first",
    }
)
ASKED_AGAIN: Final = ("withdrawn", "lapsed")
"""The answers of `STOPPED` after which the family can be asked again on the same case."""
_ASK_FIRST: Final = "Ask them first: “Ask the family about consent again” on the case’s page"


def nobody_new(why: str, names: Sequence[str], *, to_lead_between: bool = False) -> str:
    """Say that nothing is shared, for `why`, so that these people can have no part in a plan, and what to do first."""
    first = _FIRST.get(why, _ASK_FIRST)
    instead = (
        "somebody of the agency of who led or assesses" if to_lead_between
        else "who leads or assesses, their line manager or a coordinator"
    )  # fmt: skip
    return f"{_REASONS[why]}, so {_joined(names)} can have no part in this plan yet. {first}. Or choose {instead}"


def left_out(kinds: Sequence[str] | None) -> frozenset[str]:
    """Return the kinds that a limited consent with these `kinds` leaves out; None covers them all."""
    return frozenset() if kinds is None else frozenset(KINDS) - frozenset(kinds)


def covered_words(parties: Sequence[str], kinds: Set[str] | Sequence[str] | None) -> str:
    """Say with whom a limited consent shares, and what, in a sentence without its full stop."""
    who = f"Only with {_joined(parties)}" if parties else "With nobody beyond who leads or assesses"
    if kinds is None:
        return who
    what = [KINDS[kind][:1].lower() + KINDS[kind][1:] for kind in KINDS if kind in kinds]
    return f"{who}. {_capital(_joined(what))}, nothing else" if what else f"{who}. Nothing in writing"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "anybody"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
