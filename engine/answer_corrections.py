"""What a finished task was answered, what of it was corrected since, and where the record holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import case_start
from engine.casework import permissions
from engine.casework.lateness import PROTECTING
from engine.errors import Conflict, NotFound, NotPermitted
from engine.feel import Environment
from engine.forms import (
    FILES_OF_TASK,
    HIDDEN,
    Field,
    Form,
    Option,
    Scope,
    alone,
    from_jsonable,
    jsonable,
    level,
    mark,
    validate,
)
from engine.options import facts_for, options_for
from engine.process_engine import ProcessEngine
from engine.store import kept_addresses, locking, relations
from engine.store.locking import CaseLine, InstanceLine, TaskLine
from engine.store.tables.changes import closures, consultations, disagreements, plan_changes
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.people import practitioners
from engine.store.tables.record import (
    assessments,
    cases,
    concerns,
    lead_professionals,
    mag_referrals,
    manager_discussions,
    reviews,
)
from engine.store.tables.running import instances
from engine.work import Work

CORRECTED: Final = "answer_corrected"
CORRECTED_CONCERN: Final = "concern_answer_corrected"
GIVEN: Final = ("task_completed", "case_process_started")
"""Kinds of events that hold what was answered: to a task, or before a diagram was started on a case."""
ASSESSED: Final = frozenset({"complete_assessment", "complete_reassessment"})
"""Operations that keep their answers together, as the content of an assessment."""


def _columns(table: sa.Table, *names: str) -> Mapping[str, sa.Column[Any]]:
    return {name: table.c[name] for name in names}


HOMES: Final[Mapping[str, Mapping[str, sa.Column[Any]]]] = {
    "record_existing": _columns(cases, "key_worker"),
    "decide_with_social_care": _columns(cases, "key_worker"),
    "record_other_plan": _columns(cases, "key_worker"),
    "appoint_lead_professional": _columns(lead_professionals, "family_wishes", "reasons"),
    "choose_lead": _columns(lead_professionals, "family_wishes", "reasons"),
    "reply_to_invitation": _columns(invitations, "report"),
    "hold_tac_meeting": _columns(tac_meetings, "notes", "notes_by", "came_with", "no_actions_why"),
    "change_action_plan": _columns(plan_changes, "why", "family_view"),
    "hold_review": _columns(reviews, "outcome", "notes"),
    "record_manager_discussion": _columns(manager_discussions, "discussed_on", "tried", "next_step"),
    "record_anonymous_advice": _columns(manager_discussions, "next_step"),
    "refer_to_mag": _columns(mag_referrals, "reason", "tried", "discussed_on", "asked"),
    "record_mag_decision": _columns(mag_referrals, "decision"),
    "ask_family_about_consultation": _columns(consultations, "family_view"),
    "record_consultation": _columns(consultations, "asked_whom", "advice", "next_step"),
    "raise_disagreement": _columns(disagreements, "about", "wanted"),
    "settle_disagreement": _columns(disagreements, "outcome"),
    "acknowledge_concern": _columns(concerns, "note"),
    "close_case": _columns(closures, "summary", "family_told", "next_support"),
}
"""Record operation -> property -> the column that the answer became, where it is one.

Diagrams hand some of these on, as a review's `outcome`, but no operation lets them decide where a case goes."""

_SHARING: Final = frozenset({"record_consent", "record_sharing", "record_consent_again"})
_CONSENTS: Final = _SHARING | {"record_mag_consent", "record_transfer_consent"}
_DATES: Final = frozenset(
    {
        ("hold_tac_meeting", "held_on"),
        ("hold_review", "held_on"),
        *((name, "completed_on") for name in ASSESSED),
        *((name, "signed_on") for name in _SHARING),
    }
)
_INVITED: Final = frozenset({"arrange_tac_meeting", "rebook_tac_meeting"})
_TEXTS: Final = frozenset({"textfield", "textarea"})
_LISTS: Final = frozenset({"dynamiclist", "group", "checklist", "taglist", "select"})

_SAY_DATE: Final = "Correct the date on a page of its own: you see first which deadlines move with it."
_SAY_CONSENT: Final = (
    "What the family agreed to stays as they said it. Ask for consent again, or record that it is withdrawn: both are "
    "on the case’s page."
)
_SAY_PLAN: Final = "The plan was agreed with the family. Change the plan from the case’s page instead."
_SAY_INVITED: Final = "People were invited by this answer. Book the meeting for another day or place instead."
_SAY_FILES: Final = "Add a file, or take a wrong one away, on the case’s page."
_SAY_UNREAD: Final = (
    "This may tell an address that is kept secret. Who leads or assesses, or a coordinator, reads and corrects it."
)
_SAY_DECIDED: Final = (
    "This answer decided how the case went on, and what has happened since is not undone. Say in a comment what is "
    "right, and start on the case’s page what is needed now."
)
_SAY_ENTRIES: Final = (
    "What was answered here became entries of the record, such as people or actions. Change them where they stand on "
    "the case’s page."
)


@dataclass(frozen=True, slots=True)
class Corrected:
    """One correction: of which question (its key and words), both answers as JSON has them, who, when (UTC), why."""

    question: str
    label: str
    was: Any
    now: Any
    who: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Answers:
    """A finished task with its form. `given` are its answers as JSON has them, `now` as they were corrected since.

    `routing` are the names that its diagram's expressions read, `unread` the questions whose answers tell an address
    kept secret that the actor need not know.
    """

    task: TaskLine
    instance_id: UUID
    form: Form
    operation: str
    routing: frozenset[str]
    given: Mapping[str, Any]
    now: Mapping[str, Any]
    corrections: tuple[Corrected, ...]
    unread: frozenset[str] = frozenset()

    @property
    def is_start(self) -> bool:
        """Tell whether this was asked before a diagram was started on a case."""
        return self.task.id == self.instance_id

    def bound(self, key: str) -> str:
        """Return the property of the record that the answer `key` is bound to: its own name when it names none."""
        return next((name for name, path in self.form.bindings.items() if path == key), key)


def answered(
    engine: ProcessEngine, connection: sa.Connection, task_id: UUID
) -> tuple[TaskLine, InstanceLine, CaseLine]:
    """Read and lock the task `task_id`, or what was asked before the instance of that id was started on a case.

    What is asked at a start stands as a finished task of the start event. Raises `NotFound`.
    """
    started = connection.execute(_STARTED, {"instance": task_id}).first()
    if started is None:
        return locking.task(connection, task_id)
    case = locking.case(connection, started.case_id)
    line = locking.instance(connection, task_id)
    definition = engine.library.process(connection, line.definition_id)
    how = case_start(definition)
    if how is None:
        raise NotFound(locking.NO_TASK, task_id=task_id)
    task = TaskLine(
        id=task_id, process_key=definition.key, element_id=how.event.id, name=how.words, state="completed",
        form_id=started.form_id, assignee_id=None, groups=frozenset(), variables={}, version=1, personal=False,
        closed_by=started.practitioner_id, closed_at=started.recorded_at,
    )  # fmt: skip
    return task, line, case


_STARTED: Final = (
    sa.select(history.c.case_id, history.c.practitioner_id, history.c.recorded_at, history_payloads.c.form_id)
    .join(instances, instances.c.case_id == history.c.case_id)
    .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
    .where(
        instances.c.id == sa.bindparam("instance"),
        history.c.subject_id == instances.c.id,
        history.c.kind == "case_process_started",
    )
)


def read(work: Work, task: TaskLine, line: InstanceLine) -> Answers:
    """Return what a task was answered. Raises `Conflict` for one that is not finished, has no form, or was erased."""
    if task.state != "completed":
        raise Conflict("This task is not finished, so there is nothing to correct yet", task_id=task.id)
    if task.form_id is None:
        raise Conflict("This task has no questions, so there is nothing to correct", task_id=task.id)
    rows = work.connection.execute(_EVENTS, {"case": work.case.id, "task": task.id}).all()
    given = next((row.body for row in rows if row.kind in GIVEN), None)
    if given is None:
        raise Conflict("What this task was answered has been erased", task_id=task.id)
    corrections = tuple(_corrected(row) for row in rows if row.kind not in GIVEN and row.body is not None)
    now = {**given, **{each.question: each.now for each in corrections}}
    definition = work.engine.library.process(work.connection, line.definition_id)
    info = definition.element(task.process_key, task.element_id)
    return Answers(
        task=task,
        instance_id=line.id,
        form=work.engine.library.form(work.connection, task.form_id, term=work.authority.term),
        operation=info.operation or "",
        routing=definition.names_used,
        given=given,
        now=now,
        corrections=corrections,
        unread=_unread(work, task, now),
    )


def _unread(work: Work, task: TaskLine, now: Mapping[str, Any]) -> frozenset[str]:
    """Return the questions whose answers the actor may not read; what protects a child only who gave it corrects."""
    if task.process_key in PROTECTING:
        return frozenset()
    shown = kept_addresses.left_out(work, work.case.id, now)
    return frozenset(name for name, answer in now.items() if shown[name] != answer)


def _corrected(row: Any) -> Corrected:
    said = row.body
    return Corrected(
        said["question"], said["label"], said["was"], said["now"], row.who or "", row.recorded_at, said["why"]
    )


_EVENTS: Final = (
    sa.select(history.c.kind, history.c.recorded_at, history_payloads.c.body, practitioners.c.name.label("who"))
    .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
    .outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id)
    .where(
        history.c.case_id == sa.bindparam("case"),
        history.c.subject_id == sa.bindparam("task"),
        history.c.kind.in_((*GIVEN, CORRECTED, CORRECTED_CONCERN)),
    )
    .order_by(history.c.seq)
)


def require_may_correct(work: Work, task: TaskLine) -> None:
    """Let on only who may correct a task's answers. Raises `NotFound` for who may not know of it, `NotPermitted`."""
    if work.actor is None:
        return
    relation = relations.of(work.connection, work.actor, work.case.id)
    if not permissions.may_see_case(work.actor, relation):
        raise NotFound(locking.NO_TASK, task_id=task.id)
    protecting = task.process_key in PROTECTING
    if not permissions.may_correct_answers(work.actor, relation, given_by=task.closed_by, protecting=protecting):
        said = "Who gave an answer corrects it, who leads, their line manager or a coordinator"
        raise NotPermitted(f"{said}; what protects a child only who gave it", task_id=task.id)


def event_kind(task: TaskLine) -> str:
    """Return the kind of event that a correction of a task's answer is: one that no family is told for some."""
    return CORRECTED_CONCERN if task.process_key in PROTECTING else CORRECTED


def choices_of(work: Work, form: Form) -> Mapping[str, list[Option]]:
    """Return the choices that a form takes from the record now."""
    return options_for(
        work.connection, form, authority_id=work.authority.id, case_id=work.case.id, actor=work.actor
    )


def scope(work: Work, found: Answers, options: Mapping[str, list[Option]]) -> Scope:
    """Return what conditions of the form see: the case then and now, and the answers; today is the day of the task."""
    environment = Environment(now=found.task.closed_at, zone=work.authority.zone, warnings=[], host=work.host)
    known = facts_for(work.connection, found.form, case_id=work.case.id, host=work.host)
    answers = from_jsonable(found.form, found.now, environment=environment)
    nothing = dict.fromkeys(found.form.names_used)
    return Scope({**nothing, **found.task.variables, **known, **answers}, environment, options)


def asked(found: Answers, seen: Scope) -> list[Field]:
    """Return the questions that the answers as they are now ask."""
    marked = mark(found.form.fields, found.now, seen)
    return [each for each in level(found.form.fields) if each.asks and marked.get(each.key) is not HIDDEN]


def judged(found: Answers, field: Field, answer: Any, seen: Scope) -> Any:
    """Return an answer to one question clean, judged as on the day of the task. Raises `InvalidAnswers`."""
    only = alone(found.form, field.key)
    return validate(
        only,
        {field.key: answer},
        environment=replace(seen.environment, warnings=[]),
        options=seen.options,
        variables=seen.variables,
    ).get(field.key)


def why_not(found: Answers, field: Field) -> str:
    """Return what to do instead where an answer cannot be corrected; empty where it can."""
    operation, name = found.operation, found.bound(field.key)
    if field.key in found.unread:
        return _SAY_UNREAD
    if is_date_of_record(found, field):
        return _SAY_DATE
    if operation in _CONSENTS:
        return _SAY_CONSENT
    if operation in _INVITED:
        return _SAY_INVITED
    if field.source == FILES_OF_TASK:
        return _SAY_FILES
    if name in HOMES.get(operation, {}):
        return ""
    if {field.key, name} & found.routing:
        return _SAY_DECIDED
    if not operation or operation in ASSESSED or field.kind in _TEXTS:
        return ""
    if operation in ("agree_action_plan", "change_action_plan"):
        return _SAY_PLAN
    return _SAY_ENTRIES if field.kind in _LISTS else _SAY_DECIDED


def is_date_of_record(found: Answers, field: Field) -> bool:
    """Tell whether the answer is a date that is corrected with what follows from it (`engine.corrections`)."""
    return (found.operation, found.bound(field.key)) in _DATES


def correct_record(work: Work, found: Answers, field: Field, value: Any) -> bool:
    """Put a corrected answer where the record holds what it was; False where it does not hold it in one clear place.

    Something else may have been recorded there since: that stays.
    """
    if found.operation in ASSESSED:
        return _correct_assessment(work, found, field, jsonable(value))
    homes = HOMES.get(found.operation, {})
    column = homes.get(found.bound(field.key))
    if column is None:
        return False
    rows = _holding(work, found, {found.bound(field.key): column})
    if len(rows) > 1:
        rows = _holding(work, found, homes)
    if len(rows) != 1:
        return False
    table, kept = column.table, value if isinstance(value, date) else str(value or "").strip()
    work.connection.execute(sa.update(table).where(table.c.id == rows[0]).values({column.name: kept}))
    return True


def _holding(work: Work, found: Answers, homes: Mapping[str, sa.Column[Any]]) -> list[UUID]:
    """Return the ids of the rows that hold the answers as they are now in all of `homes`."""
    table = next(iter(homes.values())).table
    own = table.c.id if table is cases else table.c.case_id
    paths = found.form.bindings
    held = [column == _as_kept(found.now.get(paths.get(name, name)), column) for name, column in homes.items()]
    query = sa.select(table.c.id).where(own == work.case.id, *held)
    return list(work.connection.execute(query).scalars())


def _as_kept(value: Any, column: sa.Column[Any]) -> Any:
    if issubclass(column.type.python_type, date):
        return date.fromisoformat(value) if value else None
    return str(value or "").strip()


def _correct_assessment(work: Work, found: Answers, field: Field, value: Any) -> bool:
    query = sa.select(assessments.c.id, assessments.c.content).where(
        assessments.c.case_id == work.case.id, assessments.c.completed_on.is_not(None)
    )
    rows = [row for row in work.connection.execute(query) if found.now.items() <= row.content.items()]
    if len(rows) != 1:
        return False
    content = {**rows[0].content, field.key: value, found.bound(field.key): value}
    work.connection.execute(sa.update(assessments).where(assessments.c.id == rows[0].id).values(content=content))
    return True
