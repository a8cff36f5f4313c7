"""What events about consent say to a person: what the family said, whom it leaves out, when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.casework.consent_cover import HOW_GIVEN
from engine.queries.told_events import Sentence, Told

_SAID: Final = {
    "given": "the family agreed to information being shared",
    "limited": "the family agreed to some information being shared",
    "refused": "the family did not agree to information being shared",
    "withdrawn": "the family took back their consent to sharing information",
    "lapsed": "the time for which the family agreed is over",
    "yes": "the family agreed to the Multi-Agency Group",
    "no": "the family did not agree to the Multi-Agency Group",
    "not_asked": "the family was not asked",
    "no_answer": "the family gave no answer",
}


def _consent(told: Told) -> str:
    how = HOW_GIVEN.get(told.detail.get("how", ""), "")
    return f"Consent recorded: {_by_whom(told, told.one_of('answer', _SAID))}{f', {how}' if how else ''}"


def _by_whom(told: Told, said: str) -> str:
    """Say it of the young person where the decision is theirs."""
    return said.replace("the family", "the young person", 1) if told.detail.get("whose") == "young_person" else said


def _still_refused(told: Told) -> str:
    return f"Asked again, {_by_whom(told, 'the family')} still does not agree to information being shared"


def _withdrawn(told: Told) -> str:
    said = _by_whom(told, "the family withdrew their consent")
    if told.detail.get("joined"):
        return f"It was said again that {said}. Sharing had stopped already."
    return f"{said[0].upper()}{said[1:]}. Sharing stopped."


def _left_out(told: Told) -> str:
    said = f"The family’s consent leaves {told.name(told.subject)} out now"
    return f"{said}; {told.count('actions', 'action')} went to who leads" if told.detail.get("actions") else said


CONSENTS: Final[Mapping[str, Sentence]] = {
    "consent_recorded": _consent,
    "consent_withdrawal_told": _withdrawn,
    "consent_asked_again": _still_refused,
    "sharing_again": "The family agrees again. Sharing goes on.",
    "consent_leaves_out": _left_out,
    "consent_lapsed": lambda told: f"The family had agreed until {told.day('until_on')}. Sharing stopped.",
}
"""Kind of event -> its sentence, without the full stop."""

CONSENTS_WITH_WORDS: Final = frozenset({"consent_recorded", "consent_asked_again", "consent_withdrawal_told"})
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""
