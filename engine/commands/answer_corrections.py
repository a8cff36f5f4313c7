"""Correct an answer of a finished task: its history keeps what it was, and the record follows where it holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine import answer_corrections, corrected_letters
from engine.acts import settle
from engine.answer_corrections import Answers
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.forms import Field, jsonable
from engine.operations.family_letters import require_no_secret
from engine.process_engine import ProcessEngine
from engine.store import relations, requests
from engine.work import Work, open_work, require_on_case

LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class AnswerCorrected:
    """A correction that was made. `in_record` tells that the case's record held the answer, and holds the new one."""

    case_id: UUID
    in_record: bool


def correct(
    engine: ProcessEngine,
    *,
    actor: Actor,
    task_id: UUID,
    question: str,
    answer: Any,
    why: str,
    seen: int | None = None,
    request_key: str | None = None,
) -> AnswerCorrected:
    """Correct the answer to one question of a finished task, by its key in the form; the process stays as it went.

    `task_id` may be the instance of a diagram that was started on a case: then it is what was asked before.

    `seen` is how many corrections the person knew of. A repeated `request_key` corrects once. Raises `NotFound`,
    `NotPermitted`, `Conflict` for a closed case, an open task and when somebody corrected meanwhile, `InvalidAnswers`,
    `Invalid` (field `question`) with what to do instead where an answer decided something, (field `why`) without
    a reason.
    """
    said = why.strip()
    if not said:
        raise Invalid("Say why the answer is corrected", field="why")
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="why")
    content = [question, answer, said]
    request = requests.asked(actor, request_key, "correct an answer", about=task_id, content=content)
    with engine.sessions.act() as connection:
        task, line, case = answer_corrections.answered(engine, connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        answer_corrections.require_may_correct(work, task)
        first = requests.answered(connection, request)
        if first is not None:
            made = requests.next_event(connection, first, answer_corrections.event_kind(task))
            return AnswerCorrected(case.id, made.detail["in_record"])
        require_on_case(work)
        found = answer_corrections.read(work, task, line)
        if seen is not None and seen != len(found.corrections):
            raise Conflict("Somebody corrected an answer of this task a moment ago. Look again.", task_id=task_id)
        kept = _correct(work, found, question, answer, said)
        settle(work)
        return AnswerCorrected(case.id, kept)


def write_letters(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> int:
    """Write the family's letters that say an answer of a task as it was anew, as drafts; return how many.

    Raises as `correct`, and `NotPermitted` for who does not keep the family.
    """
    with engine.sessions.act() as connection:
        task, line, case = answer_corrections.answered(engine, connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now())
        answer_corrections.require_may_correct(work, task)
        require_on_case(work)
        if not permissions.may_keep_family(actor, relations.of(connection, actor, case.id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator writes to the family")
        count = corrected_letters.write(work, answer_corrections.read(work, task, line))
        settle(work)
        return count


def _correct(work: Work, found: Answers, question: str, answer: Any, why: str) -> bool:
    view = answer_corrections.scope(work, found, answer_corrections.choices_of(work, found.form))
    field = next((each for each in answer_corrections.asked(found, view) if each.key == question), None)
    if field is None:
        raise Invalid("This task does not ask that", field="question")
    if instead := answer_corrections.why_not(found, field):
        raise Invalid(instead, field="question")
    value = answer_corrections.judged(found, field, answer, view)
    was, now = found.now.get(question), jsonable(value)
    if now == was:
        raise Invalid("This is what is recorded already", field=question)
    if isinstance(value, str):
        require_no_secret(work, value, question)
    in_record = answer_corrections.correct_record(work, found, field, value)
    work.changed()
    _record(work, found, field, {"was": was, "now": now, "why": why}, in_record=in_record)
    return in_record


def _record(work: Work, found: Answers, field: Field, said: dict[str, Any], *, in_record: bool) -> None:
    label = field.label or field.key
    detail: dict[str, Any] = {"element": found.task.element_id, "question": field.key, "label": label}
    detail |= {"in_record": in_record} | ({"start": found.task.name} if found.is_start else {})
    payload = {"question": field.key, "label": label, **said}
    # Either kind is written out, so that what says each of them can be held against the events there are.
    if answer_corrections.event_kind(found.task) == answer_corrections.CORRECTED_CONCERN:
        work.record("concern_answer_corrected", subject=found.task.id, detail=detail, payload=payload)
    else:
        work.record("answer_corrected", subject=found.task.id, detail=detail, payload=payload)
