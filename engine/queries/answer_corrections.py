"""What a finished task was answered and what was corrected since, for who may correct it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import answer_corrections, corrected_letters
from engine.answer_corrections import Corrected
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor, Relation, may_keep_family
from engine.corrected_letters import Telling
from engine.forms import Form, Option
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, view_on
from engine.store import kept_addresses, relations
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children
from engine.work import open_work


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """A question with its answer as it is now, as JSON has it. `instead` says what to do where it is not corrected.

    `is_date` tells that it is corrected on the page of dates. `letters` say the answer to somebody of the family.
    """

    question: str
    label: str
    answer: Any
    instead: str
    is_date: bool
    letters: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class TaskAnswers:
    """A finished task's answers, or what was asked before a diagram was started (`is_start`).

    `shown` is what its form's conditions see, `closed` whether the case is. `corrections` are in the order in which
    they were made. `outdated` are letters that still say an answer as it was; `may_write` tells whether the reader may
    write them anew.
    """

    task_id: UUID
    case_id: UUID
    reference: str
    child_name: str
    is_start: bool
    name: str
    answered_by: str
    answered_at: datetime
    closed: bool
    form: Form
    options: Mapping[str, list[Option]]
    shown: Mapping[str, Any]
    questions: tuple[AnswerNow, ...]
    corrections: tuple[Corrected, ...]
    outdated: tuple[Telling, ...]
    may_write: bool


def read(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> TaskAnswers:
    """Return the answers of a finished task, after keeping that they were read.

    Raises `NotFound` when the actor may not know of it, `NotPermitted` for who may not correct it, `PurposeNeeded` as
    for the case, `Conflict` when it is not finished, asks nothing, or was erased.
    """
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        task, line, case = answer_corrections.answered(engine, connection, task_id)
        work = open_work(engine, connection, case, actor=actor, at=view.now)
        answer_corrections.require_may_correct(work, task)
        relation = relations.of(connection, actor, case.id)
        visibility.require_purpose(actor, case.id, relation)
        visibility.keep_read(view, case.id, f"the answers of {task.element_id}")
        found = answer_corrections.read(work, task, line)
        options = answer_corrections.choices_of(work, found.form)
        scope = answer_corrections.scope(work, found, options)
        made = corrected_letters.made_from(work, found)
        who = sa.select(practitioners.c.name).where(practitioners.c.id == task.closed_by)
        whose = connection.execute(_CASE, {"case": case.id}).one()
        answers = TaskAnswers(
            task_id=task.id,
            case_id=case.id,
            reference=whose.reference,
            child_name=words.child_name(whose.given_name, whose.family_name, whose.known_as),
            is_start=found.is_start,
            name=view.said(task.name),
            answered_by=connection.execute(who).scalar() or "",
            answered_at=task.closed_at,
            closed=case.closed,
            form=found.form,
            options=options,
            shown=scope.variables,
            questions=tuple(
                AnswerNow(
                    question=each.key,
                    label=each.label or each.key,
                    answer=found.now.get(each.key),
                    instead=answer_corrections.why_not(found, each),
                    is_date=answer_corrections.is_date_of_record(found, each),
                    letters=corrected_letters.telling(found, made, each),
                )
                for each in answer_corrections.asked(found, scope)
            ),
            corrections=found.corrections,
            outdated=corrected_letters.outdated(found, made),
            may_write=not case.closed and may_keep_family(actor, relation),
        )
        return answers if task.process_key in PROTECTING else _kept(view, answers, relation)


def _kept(view: View, answers: TaskAnswers, relation: Relation) -> TaskAnswers:
    """Return answers without what tells an address kept secret, and the letters' lines that hold them."""
    typed = {name: getattr(answers, name) for name in ("shown", "questions", "corrections", "outdated")}
    return replace(answers, **kept_addresses.left_out(view, answers.case_id, typed, relation))


_CASE: Final = (
    sa.select(cases.c.reference, children.c.given_name, children.c.family_name, children.c.known_as)
    .join(children, children.c.id == cases.c.child_id)
    .where(cases.c.id == sa.bindparam("case"))
)
