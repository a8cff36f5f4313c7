"""What one pretend person does at one moment: the same commands that the pages call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from engine.casework.consent_cover import ASK_AGAIN, SHARED
from engine.casework.permissions import Actor
from engine.commands import (
    case_processes,
    cases,
    concerns,
    consents,
    office_readings,
    plan_actions,
    stalled_plans,
    user_tasks,
)
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.forms import InvalidAnswers, Option, walk
from engine.queries import case_starts, pathways, simulated
from engine.queries.simulated import TaskInHand
from engine.simulation.agenda import Entry
from engine.simulation.answering import Answering, Question
from engine.simulation.narratives import Story
from engine.simulation.town import Town

MERGE = "merge_cafs"
"""The diagram that needs two cases of one child."""
TOO_LATE = "came too late: somebody else had done it"
TRIED_AGAIN_AFTER = 5
"""Working days until somebody tries again what the service could not do."""


def open_case(town: Town, story: Story, sibling_of: UUID | None) -> None:
    """Open a case for the child of `story`, in the family of the case `sibling_of` when it is named."""
    child, family = story.child, story.family
    if sibling_of is not None:
        child = replace(child, family_id=simulated.family_of(town.engine, sibling_of))
        family = ()
    actor = town.office.actors[story.worker]
    started = cases.start(town.engine, actor=actor, child=child, family=family, pathway=_pathway(town, story, actor))
    story.case_id = started.case_id
    known = [each for each in town.office.workers if each != story.worker] or town.office.workers
    story.slots = {**story.slots, "plan_worker": town.office.actors[story.chance.choice(known)].name}
    town.stories[started.case_id] = story
    town.done["cases opened"] += 1


def _pathway(town: Town, story: Story, actor: Actor) -> str | None:
    """Draw how the support begins, of the ways that are deployed and that `behaviours` weighs."""
    offered = [each.key for each in pathways.offered(town.engine, actor=actor)]
    weights = {key: weight for key, weight in town.behaviours.caseload.pathways.items() if key in offered}
    return story.chance.weighted(weights) if len(weights) > 1 else next(iter(weights), None)


def do_task(town: Town, entry: Entry) -> None:
    """Do a task, or have it done: by whom it was given to when they are in, by somebody else when they are away."""
    assert entry.subject is not None  # noqa: S101 - for the type checker
    task = simulated.task_in_hand(town.engine, reader=town.office.coordinator, task_id=entry.subject)
    if task is None or task.case_id not in town.stories:
        return
    story = town.stories[task.case_id]
    try:
        doer = _doer(town, story, task)
        if doer is not None:
            _answer(town, story, task, doer)
    except (NotFound, Conflict):
        # Somebody or a timer was quicker; the list is read again in the evening.
        town.done[TOO_LATE] += 1
    except NotPermitted as error:
        town.refuse("task", error)
    except Invalid as error:
        town.refuse("task", error)
        town.agenda.put(town.in_days(TRIED_AGAIN_AFTER), "task", task.id, case_id=task.case_id)


def _doer(town: Town, story: Story, task: TaskInHand) -> Actor | None:
    """Return who does a task now; None when it has to wait for somebody."""
    office, today = town.office, town.today
    if task.assignee_id is None:
        taker = office.who_takes(task.groups, story.worker, today, story.chance)
        if taker is None:
            _wait(town, task, town.in_days(1, 3))
            return None
        user_tasks.claim(town.engine, actor=taker, task_id=task.id)
        return taker
    if task.assignee_id not in office.actors:
        coordinator = office.coordinator
        user_tasks.reassign(town.engine, actor=coordinator, task_id=task.id, to=coordinator.practitioner_id)
        town.done["answers taken by telephone"] += 1
        return coordinator
    back = office.back_on(task.assignee_id, today)
    if back == today:
        return office.actors[task.assignee_id]
    if back is None or office.calendar.working_days_between(today, back) >= town.behaviours.away.covered_after:
        _cover(town, story, task, task.assignee_id)
    else:
        _wait(town, task, town.at_work(back))
    return None


def _wait(town: Town, task: TaskInHand, until: datetime) -> None:
    town.agenda.put(until, "task", task.id, case_id=task.case_id)


def _cover(town: Town, story: Story, task: TaskInHand, holder: UUID) -> None:
    """Give the task of somebody who is away for long to a colleague, who does it in the next days."""
    cover = town.office.cover_for(holder, town.today, story.chance) or town.office.coordinator
    giver = town.office.who_reassigns(holder, town.today)
    why = story.write("cover")
    user_tasks.reassign(town.engine, actor=giver, task_id=task.id, to=cover.practitioner_id, why=why)
    town.done["tasks given to somebody else"] += 1
    _wait(town, task, town.in_days(1, 3))


def _answer(town: Town, story: Story, task: TaskInHand, doer: Actor) -> None:
    """Fill in the form and send it; what is refused is filled in once more, with what is asked and no more."""
    for plainly in (False, True):
        answers = _answers(town, story, task, plainly=plainly)
        try:
            user_tasks.complete(town.engine, actor=doer, task_id=task.id, answers=answers)
        except Invalid as error:
            if plainly:
                raise
            # What the record refuses, as somebody who leads already, people mend; a form should have said it before.
            town.done["answers given again"] += 1
            if isinstance(error, InvalidAnswers):
                town.refuse(f"form {task.form.key if task.form else ''}", error)
        else:
            town.done["tasks completed"] += 1
            return


def _answers(town: Town, story: Story, task: TaskInHand, *, plainly: bool) -> dict[str, object]:
    if task.form is None:
        return {}
    question = Question(
        form=task.form,
        options=task.options,
        known=task.known,
        variables=task.variables,
        environment=task.environment,
        today=town.today,
        calendar=town.office.calendar,
    )
    return Answering(question, story, town.behaviours, town.office.outside, plainly).answers()


def report_action(town: Town, entry: Entry, *, done: bool) -> bool:
    """Let the owner of an action tell how it goes, or that it is done; for an outsider the case's lead does.

    Returns whether there is more to tell of it.
    """
    assert entry.subject is not None and entry.case_id is not None  # noqa: S101 - for the type checker
    story = town.stories[entry.case_id]
    found = simulated.owner_and_day(town.engine, entry.subject)
    if found is None:
        return False
    owner, due_on = found
    told = story.write("progress" if not done else "done" if town.today <= due_on else "done_late")
    actor = town.office.actors.get(owner) or _lead(town, entry.case_id)
    if not town.office.is_in(actor.practitioner_id, town.today):
        back = town.office.back_on(actor.practitioner_id, town.today)
        actor = town.office.coordinator if back is None else actor
    try:
        plan_actions.report(town.engine, actor=actor, action_id=entry.subject, progress=told, done=done)
    except (NotFound, Conflict):
        town.done[TOO_LATE] += 1
    else:
        town.done["actions finished" if done else "actions reported on"] += 1
    return not done


def raise_concern(town: Town, case_id: UUID) -> None:
    """Let the worker who knows the child raise a concern, at any time, past every gate."""
    story = town.stories[case_id]
    harm = story.write("concerns")
    told = {"Possible neglect": "concern_neglect", "A mark or an injury": "concern_mark"}.get(harm, "concern_said")
    answers = {
        "harm": harm,
        "what_happened": story.write(told),
        "immediate_danger": story.chance.happens(town.behaviours.life.danger),
    }
    concerns.raise_concern(town.engine, actor=town.office.actors[story.worker], case_id=case_id, answers=answers)
    town.done["concerns raised beside any task"] += 1


def withdraw_consent(town: Town, case_id: UUID) -> None:
    """Let the family withdraw consent, and who leads record it."""
    lead = simulated.lead_of(town.engine, case_id)
    if lead is None:
        return
    actor = town.office.actors.get(lead) or town.office.coordinator
    story, (_, whose) = town.stories[case_id], simulated.sharing_of(town.engine, case_id)
    own = whose == "young_person"
    why = story.write("withdrawn_own" if own else "withdrawn")
    by = whose if own else ""
    consents.withdraw(town.engine, actor=actor, case_id=case_id, why=why, taken_back_by=by)
    town.done["consents withdrawn"] += 1


def say_not_working(town: Town, case_id: UUID) -> None:
    """Let the lead say that the team or the plan does not work, without waiting for the rules."""
    lead = simulated.lead_of(town.engine, case_id)
    if lead is None:
        return
    actor = town.office.actors.get(lead) or town.office.coordinator
    story = town.stories[case_id]
    reason = story.chance.choice(stalled_plans.REASONS)
    stalled_plans.report(town.engine, actor=actor, case_id=case_id, reason=reason, why=story.write("stuck"))
    town.done["plans said to be stuck"] += 1


def start_something(town: Town, case_id: UUID) -> None:
    """Let who leads, now and then the coordinator, start a diagram that a change on the case calls for."""
    if simulated.lead_of(town.engine, case_id) is None:
        return
    coordinates = town.stories[case_id].chance.happens(0.2)
    actor = _reading(town.office.coordinator, case_id) if coordinates else _lead(town, case_id)
    life = town.behaviours.life
    offered = case_starts.startable(town.engine, actor=actor, case_id=case_id)
    weights = {each.process_key: life.starts.get(each.process_key, life.other_start) for each in offered}
    chosen = town.stories[case_id].chance.weighted({key: weight for key, weight in weights.items() if weight > 0})
    if chosen is not None and not any(each.under_way for each in offered if each.process_key == chosen):
        _start(town, case_id, actor, chosen)


def start_wanted(town: Town, process_key: str, open_now: Sequence[UUID]) -> None:
    """Let a diagram be started on the first open case where it can be; nothing happens when there is none.

    To become one, the cases of children who have two are asked first.
    """
    doubled = [case_id for case_id in town.doubled if case_id in open_now]
    others = town.chance.sample(list(open_now), len(open_now))
    for case_id in dict.fromkeys([*doubled, *others] if process_key == MERGE else others):
        try:
            actor = _starter(town, case_id, process_key)
            if actor is not None and _start(town, case_id, actor, process_key):
                return
        except (Conflict, Invalid) as error:
            # It may be right on another case.
            town.refuse(f"start {process_key}", error)


def _starter(town: Town, case_id: UUID, process_key: str) -> Actor | None:
    """Return who starts a diagram on a case that has a lead: the lead, where they may, else the coordinator."""
    if simulated.lead_of(town.engine, case_id) is None:
        return None
    for actor in (_lead(town, case_id), _reading(town.office.coordinator, case_id)):
        offered = case_starts.startable(town.engine, actor=actor, case_id=case_id)
        if any(each.process_key == process_key and not each.under_way for each in offered):
            return actor
    return None


def _reading(coordinator: Actor, case_id: UUID) -> Actor:
    """Return the coordinator as who has said what they read a case for: `_start` keeps it of those that they act on."""
    return replace(coordinator, looks_into=frozenset({case_id}))


def _start(town: Town, case_id: UUID, actor: Actor, process_key: str) -> bool:
    """Start a diagram on a case; False when it asks for something that the case does not have."""
    sharing, _ = simulated.sharing_of(town.engine, case_id)
    if process_key == ASK_AGAIN and sharing in ("not_asked", "refused"):
        return False
    if actor.practitioner_id == town.office.coordinator.practitioner_id:
        office_readings.look_into(town.engine, actor=town.office.coordinator, case_id=case_id, purpose="allocation")
    asked = case_starts.page(town.engine, actor=actor, case_id=case_id, process_key=process_key)
    answers: dict[str, object] = {}
    if asked.form is not None:
        question = Question(
            form=asked.form,
            options=_without(asked.options, actor),
            known={},
            variables={**asked.shown, "sharing": "goes_on" if sharing in SHARED else "stopped"},
            environment=simulated.environment_of(town.engine, actor),
            today=town.today,
            calendar=town.office.calendar,
        )
        if not _can_be_answered(question):
            return False
        story, outside = town.stories[case_id], town.office.outside
        answers = Answering(question, story, town.behaviours, outside, plainly=False).answers()
    case_processes.start(town.engine, actor=actor, case_id=case_id, process_key=process_key, answers=answers)
    town.done[f"started: {asked.start.words}"] += 1
    return True


def _without(offered: Mapping[str, Sequence[Option]], actor: Actor) -> Mapping[str, Sequence[Option]]:
    """Leave somebody out of the lists that they choose from: nobody disagrees with, or hands over to, themselves."""
    own = str(actor.practitioner_id)
    return {source: [each for each in options if each.value != own] for source, options in offered.items()}


def _can_be_answered(question: Question) -> bool:
    """Tell whether every list that must be chosen from offers something, as another case to merge with."""
    needed = [each for each in walk(question.form.fields) if each.source and each.required]
    return all(question.options.get(each.source) for each in needed)


def _lead(town: Town, case_id: UUID) -> Actor:
    lead = simulated.lead_of(town.engine, case_id)
    return (town.office.actors.get(lead) if lead else None) or town.office.coordinator
