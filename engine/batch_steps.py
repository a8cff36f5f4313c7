"""One piece of work of a batch, carried out inside the act on its case: given, led in between, handed over, or undone.

What is refused is refused before anything is written, but where a diagram starts or stops: whoever carries that out
rolls the act back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import interim
from engine.acts import advance
from engine.casework.permissions import Actor, Relation
from engine.errors import Conflict, Invalid, NotFound
from engine.giving import Recipient, recipient, require_may_have, require_may_pass_on
from engine.migrating import migrate
from engine.open_tasks import require_open
from engine.operations.handovers import PROCESS as HANDOVER
from engine.operations.handovers import withdraw
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.team_parts import end_of_leading
from engine.starting_on_case import start_on
from engine.store import absences, batches, locking, running
from engine.store.locking import TaskLine
from engine.store.tables.record import lead_professionals
from engine.work import Work, require_on_case

CHANGED: Final = "Somebody has changed it since"
OVER: Final = "It is done already, or no longer needed"
UNDONE: Final = "What was shared out was taken back"


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of work of a batch, as stored; see `engine.store.tables.batches`.

    `held` is how its task is held now beside its assignee, `limited` whether the family's consent leaves people out.
    """

    id: UUID
    case_id: UUID
    task_id: UUID | None
    from_id: UUID | None
    to_id: UUID | None
    version: int
    particulars: Mapping[str, Any]
    held: Mapping[str, Any] = field(default_factory=dict)
    limited: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What a piece of work left: the version of what it changed, and how that was before."""

    version: int
    before: Mapping[str, Any]


@dataclass(slots=True)
class Hands:
    """Whose batch it is, why, how they stand to its cases, and the people it gives work to: as of a moment ago.

    What protects a child, as whom the consent covers, is never taken from here.
    """

    actor: Actor
    why: str
    stands: Mapping[UUID, Relation]
    known: dict[UUID, Recipient] = field(default_factory=dict)

    def recipient(self, work: Work, who: UUID) -> Recipient:
        """Return somebody who is given work. Raises `Invalid` for who has left or cannot sign in."""
        if who not in self.known:
            self.known[who] = recipient(work.connection, work.authority.id, who, today=work.today)
        return self.known[who]


Step = Callable[[Work, Hands, Item], Done]


def give(work: Work, hands: Hands, item: Item) -> Done:
    """Give an open task to somebody; its days stay as promised."""
    task = _task(work, item)
    require_open(work, task, None)
    _require_unchanged(task, item)
    to = _to(item)
    require_may_pass_on(work, task, hands.actor, to, hands.stands.get(work.case.id, Relation()))
    if task.assignee_id == to:
        raise Invalid("They have it already")
    given = hands.recipient(work, to)
    if away := given.standing.away(work.today):
        raise Invalid(away)
    require_may_have(work, task, given, limited=item.limited)
    if not running.reassign(work.connection, task.id, was=task.version, to=to, queue=None):
        raise Conflict(CHANGED)
    _record(work, task, to, hands.why)
    return Done(task.version + 1, item.held)


def give_back(work: Work, hands: Hands, item: Item) -> Done:
    """Give a task back to who had it, or to its queue, unless somebody has touched it since."""
    task = _task(work, item)
    if task.state != "open":
        raise Conflict(OVER)
    _require_untouched(work, task, item)
    if item.to_id is not None:
        require_may_have(work, task, hands.recipient(work, item.to_id))
    queue = None if item.to_id is not None else min(task.groups, default=None)
    if item.to_id is None and queue is None:
        raise Conflict("Nobody had it, and it is offered to no group")
    batches.put_back(work.connection, task.id, was=task.version, to=item.to_id, queue=queue, before=item.particulars)
    _record(work, task, item.to_id, hands.why)
    return Done(task.version + 1, {})


def lead_in_between(work: Work, hands: Hands, item: Item) -> Done:
    """Appoint an interim lead, who gets the lead's tasks."""
    to, until = _to(item), item.particulars.get("until")
    held = {} if item.from_id is None else _held(work, item.from_id)
    if interim.leading(work) != item.from_id:
        raise Conflict("Somebody else leads this plan since")
    on = date.fromisoformat(until) if until else None
    interim.appoint(work, hands.actor, to, reasons=hands.why, planned_end_on=on)
    _one_message(work, to)
    taken = {str(task_id): version + 1 for task_id, version in held.items()}
    return Done(0, {"spell": str(_spell(work).id), "tasks": taken})


def lead_as_before(work: Work, hands: Hands, item: Item) -> Done:
    """End who leads in between, so that whoever led before does again; the tasks nobody has touched go back with it."""
    require_on_case(work)
    spell = _spell(work)
    if spell is None or str(spell.id) != item.particulars.get("spell"):
        raise Conflict("Somebody else leads this plan since")
    if item.to_id is None:
        work.connection.execute(
            sa.update(lead_professionals).where(lead_professionals.c.id == spell.id).values(to_on=work.today)
        )
        work.changed()
        work.record("interim_lead_undone", subject=spell.practitioner_id, payload={"why": hands.why})
        end_of_leading(work, [spell.practitioner_id])
        return Done(0, {})
    hands.recipient(work, item.to_id)
    appoint_lead_professional(work, {"lead_professional": item.to_id, "reasons": UNDONE}, {})
    _one_message(work, item.to_id)
    kept = sum(not _returned(work, hands, item, UUID(id_), version) for id_, version in _taken(item))
    return Done(0, {"kept": kept})


def ask_to_lead(work: Work, hands: Hands, item: Item) -> Done:
    """Propose a successor by starting the handover: the lead moves only once it is accepted, after the family is told.

    Whatever goes wrong with it, the act has to be rolled back.
    """
    require_on_case(work)
    if away := hands.recipient(work, _to(item)).standing.away(work.today):
        raise Invalid(away)
    answers = {
        "successor": str(_to(item)), "planned_on": item.particulars.get("planned_on"), "reasons": hands.why,
    }  # fmt: skip
    instance_id = start_on(work, hands.actor, HANDOVER, answers)
    return Done(locking.instance(work.connection, instance_id).version, {"instance": str(instance_id)})


def call_off(work: Work, hands: Hands, item: Item) -> Done:
    """Call a proposal off that nobody has answered or told the family of yet."""
    require_on_case(work)
    line = locking.instance(work.connection, UUID(str(item.particulars["instance"])))
    if line.status == "ended" or line.version != item.version:
        raise Conflict("The handover has gone on since")
    withdraw(work, UNDONE)
    advance(work, line, lambda instance: instance.cancel())
    return Done(line.version + 1, {})


def change_version(work: Work, hands: Hands, item: Item) -> Done:
    """Move an instance to another version of its diagram, or back, if it can go on there as the case stands now.

    Who begins such a batch answers for the release, not for the cases: nothing is asked but whether it can be done.
    """
    line = locking.instance(work.connection, UUID(str(item.particulars["instance"])))
    definition_id = UUID(str(item.particulars["definition"]))
    if line.status == "ended":
        raise Conflict(OVER)
    if line.definition_id == definition_id:
        raise Conflict("It is on this version already")
    targets = item.particulars.get("targets") or {}
    migrate(work, line, definition_id, targets=targets)
    back = {key: {new: old for old, new in each.items()} for key, each in targets.items()}
    before = {"instance": str(line.id), "definition": str(line.definition_id), "targets": back}
    return Done(line.version + 1, before)


STEPS: Final[Mapping[tuple[str, bool], Step]] = {
    ("tasks", False): give,
    ("tasks", True): give_back,
    ("interim", False): lead_in_between,
    ("interim", True): lead_as_before,
    ("handovers", False): ask_to_lead,
    ("handovers", True): call_off,
    ("versions", False): change_version,
    ("versions", True): change_version,
}
"""What is done with each item, by the batch's kind and whether it takes another back."""


def _task(work: Work, item: Item) -> TaskLine:
    if item.task_id is None:
        raise NotFound(locking.NO_TASK)
    task, _, _ = locking.task(work.connection, item.task_id)
    return task


def _to(item: Item) -> UUID:
    if item.to_id is None:
        raise Invalid("Nobody was found for it")
    return item.to_id


def _require_unchanged(task: TaskLine, item: Item) -> None:
    if task.version != item.version or task.assignee_id != item.from_id:
        raise Conflict(CHANGED)


def _require_untouched(work: Work, task: TaskLine, item: Item) -> None:
    _require_unchanged(task, item)
    if task.assignee_id is not None and batches.is_begun(work.connection, task.id, task.assignee_id):
        raise Conflict("It has been begun since")


def _record(work: Work, task: TaskLine, to: UUID | None, why: str) -> None:
    detail = {"from": str(task.assignee_id) if task.assignee_id else None, "to": str(to) if to else None}
    work.record("task_reassigned", subject=task.id, detail=detail, payload={"why": why} if why else None)


def _held(work: Work, holder: UUID) -> Mapping[UUID, int]:
    """Return the versions of the open tasks that somebody has on the case."""
    return {task.id: task.version for task in absences.held_tasks(work.connection, work.case.id, holder)}


def _spell(work: Work) -> Any:
    """Return who leads now, and the row that says so."""
    current = (lead_professionals.c.case_id == work.case.id) & lead_professionals.c.to_on.is_(None)
    return work.connection.execute(sa.select(lead_professionals).where(current)).first()


def _one_message(work: Work, to: UUID) -> None:
    """Leave the message to somebody about this one plan out: they are told of all of them at the end."""
    work.letters[:] = [each for each in work.letters if each.practitioner_id != to]


def _taken(item: Item) -> list[tuple[str, int]]:
    return sorted((item.particulars.get("tasks") or {}).items())


def _returned(work: Work, hands: Hands, item: Item, task_id: UUID, version: int) -> bool:
    """Give one of the lead's tasks back to them; False when it is done or somebody has touched it since."""
    task, _, _ = locking.task(work.connection, task_id)
    held = Item(item.id, item.case_id, task_id, item.from_id, item.to_id, version, {})
    if task.state != "open":
        return False
    try:
        _require_untouched(work, task, held)
    except Conflict:
        return False
    batches.put_back(work.connection, task.id, was=version, to=item.to_id, queue=None, before={})
    _record(work, task, item.to_id, hands.why)
    return True
