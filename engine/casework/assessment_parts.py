"""The parts of a common assessment, in the order in which it is read aloud. Pure.

After the three domains of the national form: the child's development, parents and carers, family and environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `own_words` are somebody's own and shown as such."""

    key: str
    words: str
    own_words: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and its questions."""

    heading: str
    questions: tuple[Question, ...]


PARTS: Final = (
    Part(
        "What is going well, and what is needed",
        (Question("strengths", "What is going well"), Question("needs", "What is needed")),
    ),
    Part(
        "Child, parents and surroundings",
        (
            Question("development", "How the child develops"),
            Question("parenting", "Parents and carers"),
            Question("environment", "Family and surroundings"),
        ),
    ),
    Part("Conclusions", (Question("conclusions", "What the family and the assessor conclude"),)),
    Part(
        "In their own words",
        (
            Question("child_comment", "The child or young person", own_words=True),
            Question("parent_comment", "The parents or carers", own_words=True),
            Question("wanted_lead", "Whom they trust, and who should lead", own_words=True),
        ),
    ),
)
NOT_SHOWN: Final = frozenset({"signed_by", "completed_on", "started_on", "closes_on", "social_worker"})
"""Answers that stand at the head or the foot of the document."""
OTHER: Final = "Other answers"


def parts_of(content: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts that have an answer; what a form of the authority's own asks besides comes last."""
    found = [Part(part.heading, _answered(part.questions, content)) for part in PARTS]
    known = {question.key for part in PARTS for question in part.questions} | NOT_SHOWN
    others = tuple(
        Question(key, _plain(key)) for key, said in content.items() if key not in known and isinstance(said, str)
    )
    return tuple(part for part in (*found, Part(OTHER, _answered(others, content))) if part.questions)


def _answered(questions: tuple[Question, ...], content: Mapping[str, Any]) -> tuple[Question, ...]:
    return tuple(question for question in questions if str(content.get(question.key) or "").strip())


def _plain(key: str) -> str:
    said = key.replace("_", " ").strip()
    return said[:1].upper() + said[1:]
