"""What the rules said on a case besides what they raise: when to review, whether to assess, whom to ask, overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine.casework.escalation import DECISION
from engine.queries import words
from engine.queries.view import View
from engine.queries.why import Rules, Tested, Why, newest
from engine.store.tables.record import evaluations

MOST: Final = 10
"""Answers on a case's page: the newest; the others stay kept."""

_IN_WORDS: Final[Mapping[str, str]] = {
    "caf": "a common assessment",
    "single_agency": "one agency’s own help is enough",
    "safeguarding": "ask social care, as harm is feared",
    "not_needed": "no common assessment",
}
"""What the shipped rules answer by a short name whose words alone do not say what is meant."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a decision answered: the values in words, a sentence for each row that matched, by which rules and when."""

    decision: str
    answers: tuple[Tested, ...]
    sentences: tuple[str, ...]
    rules: Rules


def said_of(view: View, case_id: UUID) -> tuple[Said, ...]:
    """Return the newest answers, at most `MOST`, the newest first; what raised the case stands with what it raised."""
    return tuple(_said(view, row) for row in view.connection.execute(_NEWEST, {"case": case_id}))


_NEWEST = newest(MOST, evaluations.c.decision != DECISION)
BY_CASE: Final = (_NEWEST,)


def _said(view: View, row: Any) -> Said:
    why = Why(view, row)
    matched = [each for each in row.result.get("matched", ()) if each["decision"] == why.decision.name]
    given = [each["outputs"] for each in matched] or [{row.decision: row.result.get("result")}]
    answers = (Tested(name, value) for outputs in given for name, value in _answers(view, outputs, why.headings))
    sentences = dict.fromkeys(why.sentence(each) for each in matched)
    return Said(why.rules.name, tuple(dict.fromkeys(answers)), tuple(sentences), why.rules)


def _answers(view: View, outputs: Mapping[str, Any], headings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a row answers, by its column's heading, else name; a sentence of the rules stays as it is written."""
    for name, value in outputs.items():
        written = isinstance(value, str) and " " in value
        known = _IN_WORDS.get(value) if isinstance(value, str) else None
        said = str(value) if written else known or words.value(value, today=view.today)
        heading = words.sentence(headings.get(name) or words.plain(name)).removesuffix(".")
        yield view.said(heading.replace("Caf ", "CAF ")), view.said(said)
