"""Usual answers written form by form, as a person reads them; and the rows that `answering` looks them up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.simulation.behaviour_kinds import NONE, Choice, Day, Words

ANY: Final = ""
"""Stands for every form that does not say for itself how a question is answered."""


@dataclass(frozen=True, slots=True)
class Days:
    """A day, `least` to `most` working days from today; with `before`, so many before that day. See `Day`."""

    least: int
    most: int
    before: str = ""


Weights = Mapping[str, float]
Said = Weights | Days | str
"""How often each answer is given, which day, or the rule of the word list that a text is written by."""


@dataclass(frozen=True, slots=True)
class When:
    """What is said while the case is as `known`, which is read as `Choice.when` is."""

    known: Mapping[str, str]
    said: Weights | str


Answers = Said | When | tuple[Said | When, ...]
"""How one question is answered: of several, the first that fits."""
Table = Mapping[str, Mapping[str, Answers]]
"""Form, or `ANY` -> question -> how it is answered. What a form says itself comes before what `ANY` says."""


def rows(table: Table) -> tuple[tuple[Choice, ...], tuple[Day, ...], tuple[Words, ...]]:
    """Return the choices, days and words of a table as the rows of `Behaviours`."""
    every = list(_rows(table))
    return (
        tuple(row for row in every if isinstance(row, Choice)),
        tuple(row for row in every if isinstance(row, Day)),
        tuple(row for row in every if isinstance(row, Words)),
    )


def _rows(table: Table) -> Iterator[Choice | Day | Words]:
    for form in sorted(table, key=lambda each: each == ANY):
        for question, answers in table[form].items():
            for answer in answers if isinstance(answers, tuple) else (answers,):
                known, said = (answer.known, answer.said) if isinstance(answer, When) else (NONE, answer)
                yield _row(form, question, known, said)


def _row(form: str, question: str, known: Mapping[str, str], said: Said) -> Choice | Day | Words:
    if isinstance(said, str):
        return Words(form=form, field=question, when=known, rule=said)
    if isinstance(said, Days):
        return Day(form=form, field=question, least=said.least, most=said.most, before=said.before)
    return Choice(form=form, field=question, when=known, weights=said)
