"""Letters to the family that say an answer as it was before it was corrected: which they are, and written anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.answer_corrections import Answers
from engine.casework import letter_answers
from engine.forms import Field
from engine.operations.family_letters import write_anew
from engine.store.tables.meetings import letters
from engine.work import Work


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter that says an answer; `sent_on` is None, and `sent_by` empty, while it is not sent."""

    letter_id: UUID
    addressee: str
    sent_by: str
    sent_on: date | None


def made_from(work: Work, found: Answers) -> list[Any]:
    """Return the family's letters that may have been made from a task's answers, the latest first."""
    kind, _ = letter_answers.TOLD_IN.get(found.operation, ("", ()))
    since = found.task.closed_at
    if not kind or since is None:
        return []
    day = since.astimezone(work.authority.zone).date()
    return list(work.connection.execute(_LETTERS, {"case": work.case.id, "kind": kind, "day": day}))


_LETTERS: Final = (
    sa.select(letters)
    .where(
        letters.c.case_id == sa.bindparam("case"),
        letters.c.kind == sa.bindparam("kind"),
        letters.c.written_on >= sa.bindparam("day"),
        letters.c.practitioner_id.is_(None),
    )
    .order_by(letters.c.written_on.desc(), letters.c.id.desc())
)


def telling(found: Answers, made: Sequence[Any], field: Field) -> tuple[Telling, ...]:
    """Return the letters among `made` that say the answer to a question as it is now, one to each person."""
    name = found.bound(field.key)
    _, told = letter_answers.TOLD_IN.get(found.operation, ("", ()))
    answer = found.now.get(field.key)
    if name not in told or not isinstance(answer, str):
        return ()
    said = {_whose(row): row for row in reversed(made) if letter_answers.says(row.body, name, answer)}
    return tuple(map(_telling, said.values()))


def outdated(found: Answers, made: Sequence[Any]) -> tuple[Telling, ...]:
    """Return the letters among `made` that say an answer as it was, where no later one to the same person is right."""
    return tuple(_telling(row) for row, _ in _put_right(found, made))


def write(work: Work, found: Answers) -> int:
    """Write each letter that says an answer as it was anew with the one it is now, as a draft; return how many."""
    wrong = list(_put_right(found, made_from(work, found)))
    for row, body in wrong:
        write_anew(work, row, letter_answers.takes_the_place(body, row.sent_on) if row.sent_on else body)
    return len(wrong)


def _put_right(found: Answers, made: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    corrected = list(_corrected(found))
    done = set[tuple[UUID | None, UUID | None]]()
    for row in made if corrected else ():
        body = row.body
        for name, before, now in corrected:
            for was in before:
                body = letter_answers.put(body, name, was, now)
        right = any(letter_answers.says(row.body, name, now) for name, _, now in corrected)
        if _whose(row) in done or (body == row.body and not right):
            continue
        done.add(_whose(row))
        if body != row.body:
            yield row, body


def _corrected(found: Answers) -> Iterator[tuple[str, list[str], str]]:
    """Yield of each answer that letters say and that was corrected: its property, all it was before, what it is now."""
    _, told = letter_answers.TOLD_IN.get(found.operation, ("", ()))
    for key in dict.fromkeys(each.question for each in found.corrections):
        name = found.bound(key)
        before = [each.was for each in found.corrections if each.question == key and isinstance(each.was, str)]
        if name in told and before:
            yield name, before, str(found.now.get(key) or "")


def _whose(row: Any) -> tuple[UUID | None, UUID | None]:
    return row.member_id, row.meeting_id


def _telling(row: Any) -> Telling:
    return Telling(row.id, row.addressee, row.sent_by, row.sent_on)
