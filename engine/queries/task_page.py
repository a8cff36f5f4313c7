"""The page of one task: why, by when, what comes next, its form with what was drafted or is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import guidance
from engine.answer_corrections import CORRECTED, CORRECTED_CONCERN
from engine.bpmn import GUIDANCE, ElementInfo
from engine.casework import permissions
from engine.casework.consent_cover import ASK_AGAIN
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.forms import FILES_OF_TASK, Form, Option
from engine.options import options_for
from engine.process_engine import ProcessEngine
from engine.queries import (
    case_alarms,
    case_starts,
    comments,
    consent_limits,
    joint_meetings,
    lead_ranking,
    people,
    siblings,
    task_asked,
    task_rows,
    timeline,
    visibility,
)
from engine.queries.case_alarms import Escalation
from engine.queries.comments import Comment
from engine.queries.lead_ranking import Compared
from engine.queries.next_steps import after_task
from engine.queries.people import Practitioner
from engine.queries.prefill import prefill, renewed
from engine.queries.siblings import Sibling
from engine.queries.task_rows import TaskRow
from engine.queries.task_subject import subject
from engine.queries.view import View, view_on, viewing
from engine.ranking import SHOWN_AS
from engine.store import consent_cover, kept_addresses, own_closures, own_work, relations, resting, task_drafts
from engine.store import people as store_people
from engine.store.tables.files import attachments
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners
from engine.store.tables.running import instances, user_tasks
from engine.store.task_drafts import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage(TaskRow):
    """One task in full.

    `documentation` says what the step is, `guidance` where a guide says more ("steps#plan", or ""); `about` names and
    values of what it is about (the meeting, the concern), `may_ask_again` whether the actor may ask the family about
    consent again, `next_step` what may follow. `draft` is the latest draft (None when there is none), kept at
    `saved_at` by `drafted_by`; `draft_base` names it for what is typed next, `aside` is what waits to be brought
    together with it: typed by the actor on top of an older one, or by somebody else before the task came to who has it.
    `days_renewed` tells that days which were filled in as today, when `draft` was saved on an earlier day, are now's.
    `prefill` is what the record knows; both are given to those who may complete it only, and so is `ranking`: of a task
    that asks who might lead, how those named so far compare. `shown` is what the
    form's conditions and tables see besides the answers. `can` holds `claim`, `release`, `complete`, `reassign`,
    `delegate`, `take_back`; `people` whom it can be given to. `delegated_by` is whose it is, when somebody does it for
    them; `answers_for` says for whom the actor does it who is away, empty when it is their own. `answered` are the
    answers that the actor themselves finished it with, as they were given; `may_correct` tells whether they may correct
    dates that follow from them, `may_correct_answers` whether the actor may see and correct what it was answered,
    `corrected` how many times that was done. `comments` are those on the task, oldest first. `siblings` are, where
    social care's answer on a concern is asked for, the brothers and sisters whose cases the reader sees and about whom
    nobody has asked yet. `raised` are, for who discusses as a manager what is in the way, the reasons that hold now
    with the rows of the rules that gave them. `ended_by` says which act ended a task that is not needed any more.
    """

    documentation: str
    guidance: str
    about: tuple[tuple[str, str], ...]
    siblings: tuple[Sibling, ...]
    raised: tuple[Escalation, ...]
    may_ask_again: bool
    next_step: str
    form: Form | None
    options: Mapping[str, list[Option]]
    draft: Mapping[str, Any] | None
    saved_at: datetime | None
    drafted_by: str | None
    draft_base: str
    aside: Beside | None
    days_renewed: bool
    prefill: Mapping[str, Any]
    ranking: tuple[Compared, ...]
    shown: Mapping[str, Any]
    version: int
    state: str
    completed_by: str | None
    completed_by_id: UUID | None
    completed_at: datetime | None
    ended_by: str
    can: frozenset[str]
    people: tuple[Practitioner, ...]
    delegated_by: str | None
    answers_for: str
    answered: Mapping[str, Any] | None
    may_correct: bool
    may_correct_answers: bool
    corrected: int
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What waits beside a task's draft, by whom; `base` names exactly this writing."""

    by_id: UUID
    who: str
    base: str


def task(engine: ProcessEngine, *, actor: Actor, task_id: UUID) -> TaskPage:
    """Return a task, open or closed, after keeping that its case's record was read.

    The line manager of who has an open task finds it `alone`: named, with its dates, and to be given to another.
    Raises `NotFound` when the actor may not know of it.
    """
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        row, alone = task_asked.opened(connection, actor, task_id, _ROW)
        visibility.keep_read(view, row.case_id, f"the task {row.element_id}")
    with viewing(engine, actor) as view:
        return _bare_page(view, row) if alone else _page(view, row)


def require(view: View, task_id: UUID) -> Any:
    """Return the row of a task. Raises `NotFound` when the actor may not know of it."""
    return task_asked.known(view.connection, view.actor, task_id, _ROW)


_ROW: Final = task_rows.QUERY.where(*task_asked.OWN)


def _page(view: View, row: Any) -> TaskPage:
    delegated_by = view.connection.execute(
        sa.select(user_tasks.c.delegated_by).where(user_tasks.c.id == row.id, user_tasks.c.state == "open")
    ).scalar()
    can = _can(view.actor, row, delegated_by)
    own = own_closures.is_own(
        view.connection, view.actor.practitioner_id, element_id=row.element_id, case_id=row.case_id
    )
    can -= {"claim", "complete"} if own else set()
    mine = "complete" in can
    info = task_rows.element(view, row)
    operation = info.operation if info else None
    rests_on = consent_limits.rests_on(view, row.case_id, operation)
    form = view.form(row.form_id) if row.form_id else None
    options = options_of(view, form, row.case_id) if form else {}
    known = kept_addresses.left_out(view, row.case_id, _prefill(view, row, info, form), typed=True) if mine else {}
    drafted = _drafted(view, row, form, known) if mine else _NOT_DRAFTED
    choosing = mine and info is not None and info.operation == lead_ranking.OPERATION
    order = lead_ranking.compared(view, drafted["draft"] or known) if choosing else ()
    return TaskPage(
        **task_rows.fields(view, row),
        documentation=(info.documentation or "") if info else "",
        guidance=_guidance(view, row, info),
        about=(*subject(view, row, operation), *rests_on),
        siblings=siblings.without_concern(view, row.case_id) if operation in _ASKS_SOCIAL_CARE else (),
        raised=_raised(view, row, operation, can),
        may_ask_again=bool(rests_on) and case_starts.may_start(view, row.case_id, ASK_AGAIN),
        next_step=_next_step(view, row, info),
        form=form,
        options=options,
        **drafted,
        prefill=known,
        ranking=order,
        shown={**shown_to(view, row, form), SHOWN_AS: lead_ranking.as_rows(order)},
        version=row.version, state=row.state,
        completed_by=_name(view, row.closed_by), completed_by_id=row.closed_by, completed_at=row.closed_at,
        ended_by=timeline.at_once(view, row.case_id, row.closed_at) if row.state == "cancelled" else "",
        can=can,
        people=_others(view, row) if "reassign" in can else (),
        delegated_by=_name(view, delegated_by),
        answers_for=_stands_in_for(view, row) if mine else "",
        **_answered(view, row), **_corrections(view, row),
        comments=comments.about(view, row.case_id, row.id),
    )


def _bare_page(view: View, row: Any) -> TaskPage:
    """Return a task to who may put it right: neither what it asks, holds or was said of it, nor whom it is about."""
    info, can = task_rows.element(view, row), _can(view.actor, row, None) & {"reassign"}
    known = task_rows.without_case(task_rows.TaskRow(**task_rows.fields(view, row, {})))
    return TaskPage(
        **{each.name: getattr(known, each.name) for each in fields(known)},
        documentation=(info.documentation or "") if info else "", guidance=_guidance(view, row, info),
        about=(), siblings=(), raised=(), may_ask_again=False, next_step="", form=None, options={}, **_NOT_DRAFTED,
        prefill={}, ranking=(), shown={}, version=row.version, state=row.state, completed_by=None,
        completed_by_id=None, completed_at=None, ended_by="", can=can, people=_near(view, row) if can else (),
        delegated_by=None, answers_for="", answered=None, may_correct=False, may_correct_answers=False, corrected=0,
        comments=(),
    )  # fmt: skip


RELATIVES: Final = "relatives"
_ASKS_SOCIAL_CARE: Final = ("acknowledge_concern",)
_DISCUSSES: Final = "record_manager_discussion"
_DOES: Final = frozenset({"claim", "complete"})


def _raised(view: View, row: Any, operation: str | None, can: frozenset[str]) -> tuple[Escalation, ...]:
    return case_alarms.escalations_of(view, row.case_id) if operation == _DISCUSSES and can & _DOES else ()


_NOT_DRAFTED: Final[Mapping[str, Any]] = {
    "draft": None, "saved_at": None, "drafted_by": None, "draft_base": task_drafts.NOTHING, "aside": None,
    "days_renewed": False,
}  # fmt: skip


def _drafted(view: View, row: Any, form: Form | None, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a page says of a task's draft, to who may complete it; `known` is what the record knows now."""
    newest, aside = task_drafts.newest(view.connection, row.id), beside(view, row.id, row.assignee_id)
    kept = _NOT_DRAFTED
    if aside is not None:
        by = _name(view, aside.practitioner_id) or ""
        kept = {**kept, "aside": Beside(aside.practitioner_id, by, aside.base)}
    if newest is None:
        return kept
    kept = {**kept, "draft_base": newest.base}
    if not newest.answers:  # an empty one was thrown away
        return kept
    who = _name(view, newest.practitioner_id)
    saved_on = local_day(newest.saved_at, view.authority.zone)
    draft = renewed(form, newest.answers, known, saved_on=saved_on, today=view.today) if form else newest.answers
    again = draft != newest.answers
    draft = kept_addresses.left_out(view, row.case_id, draft, typed=True)
    return {**kept, "draft": draft, "days_renewed": again, "saved_at": newest.saved_at, "drafted_by": who}


def beside(view: View, task_id: UUID, assignee_id: UUID | None) -> Draft | None:
    """Return what waits beside a task's draft: the actor's own, else, once somebody has the task, that of another."""
    waiting = task_drafts.asides(view.connection, task_id)
    own = next((each for each in waiting if each.practitioner_id == view.actor.practitioner_id), None)
    return own or (waiting[0] if waiting and assignee_id is not None else None)


def _answered(view: View, row: Any) -> Mapping[str, Any]:
    """Return the answers of a finished task to who gave them, and to nobody else: they may hold anything."""
    if row.state != "completed" or row.closed_by != view.actor.practitioner_id:
        return {"answered": None, "may_correct": False}
    given = view.connection.execute(
        sa.select(history_payloads.c.body)
        .join(history, history.c.id == history_payloads.c.event_id)
        .where(history.c.case_id == row.case_id, history.c.kind == "task_completed", history.c.subject_id == row.id)
    ).scalar()
    relation = relations.of(view.connection, view.actor, row.case_id)
    shown = kept_addresses.left_out(view, row.case_id, given, relation)
    return {"answered": shown, "may_correct": permissions.may_correct_dates(view.actor, relation)}


def _corrections(view: View, row: Any) -> Mapping[str, Any]:
    """Return whether the actor may correct the answers of a finished task, and how often that was done."""
    may = False
    if row.state == "completed" and row.form_id is not None:
        relation = relations.of(view.connection, view.actor, row.case_id)
        protecting = row.process_key in PROTECTING
        may = permissions.may_correct_answers(view.actor, relation, given_by=row.closed_by, protecting=protecting)
    if not may:
        return {"may_correct_answers": False, "corrected": 0}
    made = sa.select(sa.func.count()).where(
        history.c.case_id == row.case_id, history.c.subject_id == row.id,
        history.c.kind.in_((CORRECTED, CORRECTED_CONCERN)),
    )  # fmt: skip
    return {"may_correct_answers": True, "corrected": view.connection.execute(made).scalar_one()}


def variables_of(view: View, task_id: UUID) -> Mapping[str, Any]:
    """Return the variables that a task was opened with."""
    found: Mapping[str, Any] = view.connection.execute(
        sa.select(user_tasks.c.variables).where(user_tasks.c.id == task_id)
    ).scalar_one()
    return found


def shown_to(view: View, row: Any, form: Form | None) -> Mapping[str, Any]:
    """Return what the conditions of a task's form see besides the answers."""
    known = {} if form is None else view.facts_for(form, row.case_id)
    return {**variables_of(view, row.id), **known}


def options_of(view: View, form: Form, case_id: UUID) -> Mapping[str, list[Option]]:
    """Return the choices that a form takes from the record now.

    Who reads the case only as far as the family's consent goes is offered the files they added themselves.
    """
    found = options_for(view.connection, form, authority_id=view.actor.authority_id, case_id=case_id, actor=view.actor)
    if RELATIVES in found:
        found = {**found, RELATIVES: joint_meetings.beside_names(view, case_id, found[RELATIVES])}
    if found.get(FILES_OF_TASK) and consent_limits.is_partly_kept(view, case_id):
        by_me = (attachments.c.case_id == case_id) & (attachments.c.added_by == view.actor.practitioner_id)
        own = {str(id_) for id_ in view.connection.execute(sa.select(attachments.c.id).where(by_me)).scalars()}
        return {**found, FILES_OF_TASK: [each for each in found[FILES_OF_TASK] if each.value in own]}
    return found


def _can(actor: Actor, row: Any, delegated_by: UUID | None) -> frozenset[str]:
    if row.state != "open":
        return frozenset()
    groups = frozenset(row.candidate_groups)
    allowed = {
        "claim": permissions.may_claim(actor, assignee=row.assignee_id, groups=groups),
        "release": row.assignee_id == actor.practitioner_id and bool(groups & actor.groups or delegated_by),
        "delegate": row.assignee_id == actor.practitioner_id and not row.personal,
        "take_back": delegated_by == actor.practitioner_id,
        "complete": permissions.may_do_task(actor, assignee=row.assignee_id, groups=groups, personal=row.personal),
        "reassign": permissions.may_reassign(actor, assignee=row.assignee_id, personal=row.personal),
    }
    return frozenset(act for act, may in allowed.items() if may)


def _next_step(view: View, row: Any, info: ElementInfo | None) -> str:
    if info is None:
        return ""
    here = view.connection.execute(sa.select(instances.c.current).where(instances.c.id == row.instance_id)).scalar_one()
    way = view.way_to(row.definition_id, row.process_key)
    return after_task(way, info.id, here, partial(view.called, row.definition_id)) if way else ""


def _guidance(view: View, row: Any, info: ElementInfo | None) -> str:
    """Return the place in our guides that the step names, or its whole diagram; "" when there is none."""
    if info is None:
        return ""
    around = view.way_to(row.definition_id, row.process_key)
    named = info.properties.get(GUIDANCE) or (around[-1].properties.get(GUIDANCE, "") if around else "")
    return named if named in guidance.anchors() else ""


def _prefill(view: View, row: Any, info: ElementInfo | None, form: Form | None) -> dict[str, Any]:
    if form is None:
        return {}
    return prefill(
        view,
        form=form,
        operation=info.operation if info else None,
        case_id=row.case_id,
        variables=variables_of(view, row.id),
    )


def _name(view: View, practitioner_id: UUID | None) -> str | None:
    if practitioner_id is None:
        return None
    return view.connection.execute(
        sa.select(practitioners.c.name).where(practitioners.c.id == practitioner_id)
    ).scalar()


def _stands_in_for(view: View, row: Any) -> str:
    """Say for whom the actor answers, as in "Aisling Byrne, who is away until 3 June"; empty for what is their own."""
    whose = next((each for each in (row.assignee_id, row.meant_for_id) if each in view.actor.covers), None)
    if whose is None:
        return ""
    stands = store_people.standings(view.connection, view.actor.authority_id, [whose], today=view.today)[whose]
    return f"{stands.name}, who is away{stands.until()}"


def _near(view: View, row: Any) -> tuple[Practitioner, ...]:
    """Return whom it can be given to by who sees the task and not its case: see `giving.not_near`."""
    mine = {view.actor.practitioner_id, *view.actor.covers}
    others = [each for each in _others(view, row) if each.practitioner_id not in mine]
    ids = [each.practitioner_id for each in others]
    near = own_work.near(view.connection, row.case_id, ids, holder=row.assignee_id)
    return tuple(each for each in others if each.practitioner_id in near)


def _others(view: View, row: Any) -> tuple[Practitioner, ...]:
    """Return whom the task can be given to: nobody whom the family's consent leaves out, unless they oversee it."""
    roles = permissions.task_takers(frozenset(row.candidate_groups))
    found = [each for each in people.in_service(view, roles=roles) if each.practitioner_id != row.assignee_id]
    ids = [each.practitioner_id for each in found]
    out = {each.id for each in consent_cover.left_out(view.connection, row.case_id, ids)}
    if out:
        out -= {each.practitioner_id for each in people.in_service(view, roles=permissions.OVERSIGHT)}
    out |= resting.shut_out_of(view.connection, row, ids, today=view.today)
    return tuple(each for each in found if each.practitioner_id not in out)
