"""Letters to the family that say an answer as it was before it was corrected: which they are, and written anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.answer_corrections import Answers
from engine.casework import letter_answers
from engine.casework.letter_answers import Line
from engine.forms import Field
from engine.operations.family_letters import write_anew
from engine.store.tables.keeping import history
from engine.store.tables.meetings import letters
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question, in its words, whose answer a letter may say in one of several lines; without any, nowhere yet."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter that says an answer; `sent_on` is None, and `sent_by` empty, while it is not sent.

    `anew` tells that it can be written anew with what was corrected; `unclear` is what somebody puts right by hand.
    """

    letter_id: UUID
    addressee: str
    sent_by: str
    sent_on: date | None
    anew: bool = False
    unclear: tuple[Unclear, ...] = ()


def made_from(work: Work, found: Answers) -> list[Any]:
    """Return the family's letters that were made from a task's answers, to each person the one written last."""
    kind, _ = letter_answers.TOLD_IN.get(found.operation, ("", ()))
    since = found.task.closed_at
    if not kind or since is None:
        return []
    day = since.astimezone(work.authority.zone).date()
    meeting = letters.c.meeting_id
    of_meeting = meeting.in_(_HELD) if found.operation == "hold_tac_meeting" else meeting.is_(None)
    asked = {"case": work.case.id, "kind": kind, "day": day, "at": since}
    newest, first = dict[UUID | None, Any](), dict[UUID, UUID | None]()
    for row in work.connection.execute(_LETTERS.where(of_meeting), asked):
        # What came of a later task is told apart from this one's letter, and from what was written instead of it.
        if row.instead_of_id is None and row.member_id not in newest or row.instead_of_id in first:
            newest[row.member_id] = row
            first[row.id] = row.member_id
    return list(newest.values())


_HELD: Final = sa.select(history.c.subject_id).where(
    history.c.case_id == sa.bindparam("case"),
    history.c.kind == "tac_meeting_held",
    history.c.recorded_at == sa.bindparam("at", type_=history.c.recorded_at.type),
)
_LETTERS: Final = (
    sa.select(letters)
    .where(
        letters.c.case_id == sa.bindparam("case"),
        letters.c.kind == sa.bindparam("kind"),
        letters.c.written_on >= sa.bindparam("day"),
        letters.c.practitioner_id.is_(None),
    )
    .order_by(letters.c.written_on, letters.c.id)
)


def telling(found: Answers, made: Sequence[Any], field: Field) -> tuple[Telling, ...]:
    """Return the letters among `made` that say the answer to a question as it is now, or lack one that is empty."""
    name, answer = found.bound(field.key), found.now.get(field.key)
    if name not in _told(found) or not isinstance(answer, str | None):
        return ()
    others = _others(found, field.key)
    return tuple(_telling(row) for row in made if letter_answers.touches(row.body, name, answer or "", others))


def outdated(found: Answers, made: Sequence[Any]) -> tuple[Telling, ...]:
    """Return the letters among `made` that say an answer as it was before it was corrected."""
    return tuple(told for _, _, told in _put_right(found, made))


def write(work: Work, found: Answers) -> int:
    """Write each letter that says an answer as it was anew with the one it is now, as a draft; return how many.

    What cannot be told apart from another answer stays in it as it was.
    """
    wrong = [(row, body) for row, body, told in _put_right(found, made_from(work, found)) if told.anew]
    for row, body in wrong:
        write_anew(work, row, letter_answers.takes_the_place(body, row.sent_on) if row.sent_on else body)
    return len(wrong)


def _put_right(found: Answers, made: Sequence[Any]) -> Iterator[tuple[Any, str, Telling]]:
    corrected = list(_corrected(found))
    for row in made:
        body, unclear = row.body, list[Unclear]()
        for each in corrected:
            done = letter_answers.put(body, each.name, each.before, each.now, each.others)
            body = done.body
            if done.look or done.lacks:
                unclear.append(Unclear(each.label, done.look))
        if unclear or body != row.body:
            yield row, body, _telling(row, anew=body != row.body, unclear=tuple(unclear))


@dataclass(frozen=True, slots=True)
class _Corrected:
    """An answer that letters say and that was corrected: all it was before, what it is, and others it may be like."""

    name: str
    label: str
    before: list[str]
    now: str
    others: list[str]


def _corrected(found: Answers) -> Iterator[_Corrected]:
    for key, label in {each.question: each.label for each in found.corrections}.items():
        name, now = found.bound(key), found.now.get(key)
        before = [each.was for each in found.corrections if each.question == key]
        if name in _told(found) and all(isinstance(each, str | None) for each in (*before, now)):
            yield _Corrected(name, label, [each or "" for each in before], now or "", _others(found, key))


def _others(found: Answers, key: str) -> list[str]:
    """Return what the other questions that letters tell were answered, before they were corrected too."""
    said = [*found.given.items(), *((each.question, each.now) for each in found.corrections)]
    return [
        answer
        for other, answer in said
        if other != key and isinstance(answer, str) and answer and found.bound(other) in _told(found)
    ]


def _told(found: Answers) -> Set[str]:
    _, told = letter_answers.TOLD_IN.get(found.operation, ("", frozenset[str]()))
    return told


def _telling(row: Any, *, anew: bool = False, unclear: tuple[Unclear, ...] = ()) -> Telling:
    return Telling(row.id, row.addressee, row.sent_by, row.sent_on, anew, unclear)
