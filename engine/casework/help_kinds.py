"""The kinds of help an action gives: what the rules compare when two agencies work with one family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HELP_KINDS: Final[Mapping[str, str]] = {
    "health": "Health",
    "speech_language": "Speech and language",
    "emotional": "Feelings and mental health",
    "behaviour": "Behaviour",
    "self_care": "Looking after oneself",
    "learning": "Learning",
    "attendance": "Going to school or nursery",
    "parenting": "Parenting",
    "family_support": "Support at home for the family",
    "relationships": "Family and other relationships",
    "youth_work": "Youth work and leisure",
    "housing": "Housing",
    "work": "Work and training for parents",
    "money": "Money and benefits",
}
"""By code, in the words of the common assessment's domains; `rules/service_overlap.dmn` groups them."""

FOR_THE_FAMILY: Final = frozenset({"parenting", "family_support", "relationships", "housing", "work", "money"})
"""Help for the family as a whole, whichever child's plan it stands in; the rest is for the child of the plan."""
