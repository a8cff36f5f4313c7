"""Carrying a batch on: case by case, each in a transaction of its own in which its items are finished, so done once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from engine.acts import settle
from engine.batch_steps import STEPS, Hands, Item, Step
from engine.casework.permissions import Actor
from engine.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted, in_words
from engine.guard import MOST_TRIES, Trouble, attempt
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import actors, batches, locking, people, relations
from engine.store.locking import OutOfOrder
from engine.work import Work, open_work

A_TURN: Final = 200
"""How many cases the scheduler sees to in one of its turns, so that timers do not wait for long."""
NOBODYS: Final = "Whoever began this cannot sign in any more"
_LOOK: Final = "Sign in to see them. This message holds no details on purpose."


def go_on(engine: ProcessEngine, *, most: int = A_TURN) -> int:
    """Go on with the batches under way, the oldest first, for up to `most` cases; return how many were seen to."""
    with engine.sessions.read() as connection:
        found = [row.id for row in batches.running(connection)]
    done = 0
    for batch_id in found:
        if done < most:
            done += go_on_with(engine, batch_id, most=most - done)
    return done


def go_on_with(engine: ProcessEngine, batch_id: UUID, *, most: int) -> int:
    """Go on with one batch for up to `most` cases, and end it when nothing waits; return how many were seen to."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        row = next((each for each in batches.running(connection) if each.id == batch_id), None)
        actor = None if row is None else actors.of_account(connection, row.account_id, now=now)
        cases = [] if row is None else batches.waiting_cases(connection, batch_id, limit=most)
        stands = {} if actor is None else relations.of_many(connection, actor, cases)
    if row is None:
        return 0
    if actor is None:
        _give_up(engine, row)
        return 0
    hands = Hands(actor, row.why, stands)
    seen = sum(_see_to(engine, row, hands, case_id) for case_id in cases)
    if len(cases) < most:
        _finish(engine, row, actor)
    return seen


def _see_to(engine: ProcessEngine, row: Any, hands: Hands, case_id: UUID) -> int:
    """Carry out what waits on one case in one act; return 1, or 0 when other writers are in the way again and again."""
    trouble = attempt("a case of a batch", partial(_carry_out, engine, row, hands, case_id), tries=MOST_TRIES)
    if not isinstance(trouble, Trouble):
        return 1
    trouble.raise_when_down()
    if isinstance(trouble.error, OutOfOrder) or (trouble.met and "cause" in _details(trouble.error)):
        return 0
    attempt("refusing a case of a batch", partial(_refuse, engine, row.id, case_id, in_words(trouble.error)))
    return 1


def _details(error: Exception) -> Mapping[str, Any]:
    return error.details if isinstance(error, EngineError) else {}


def _carry_out(engine: ProcessEngine, row: Any, hands: Hands, case_id: UUID) -> None:
    step = STEPS[row.kind, row.undoes_id is not None]

    def act(first: tuple[UUID, ...]) -> None:
        with engine.sessions.act() as connection:
            if first:
                locking.cases_of(connection, first)
            line = locking.case(connection, case_id)
            work = open_work(engine, connection, line, actor=hands.actor, at=engine.clock.now())
            for each in batches.waiting_items(connection, row.id, case_id):
                _one(work, hands, step, each, alone=row.kind != "tasks")
            if work.events or work.letters:
                settle(work)

    locking.in_order(act)


def _one(work: Work, hands: Hands, step: Step, each: Any, *, alone: bool) -> None:
    """Carry out one item; what refuses it is kept, unless the item is the `alone` one of its act, which is rolled back.

    Of several tasks on one case each is refused before anything of it is written.
    """
    item = Item(
        each.id, each.case_id, each.task_id, each.from_id, each.to_id, each.version, each.particulars or {},
        held=batches.as_held(each), limited=each.limited,
    )  # fmt: skip
    try:
        done = step(work, hands, item)
    except (Invalid, NotFound, NotPermitted, Conflict) as refusal:
        if alone or isinstance(refusal, OutOfOrder):
            raise
        batches.refuse_item(work.connection, each.id, said=refusal.message)
        return
    batches.finish_item(
        work.connection, each.id, version=done.version, particulars=done.before or None, at=work.at
    )


def _refuse(engine: ProcessEngine, batch_id: UUID, case_id: UUID, said: str) -> None:
    with engine.sessions.act() as connection:
        for each in batches.waiting_items(connection, batch_id, case_id):
            batches.refuse_item(connection, each.id, said=said)


def _give_up(engine: ProcessEngine, row: Any) -> None:
    """End a batch whose maker has left: nobody answers for it any more."""
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, row.authority_id, None)
        if batches.set_state(connection, row.id, was=("running",), now="done", at=work.at):
            batches.refuse_waiting(connection, row.id, said=NOBODYS)
            end(work, row)


def _finish(engine: ProcessEngine, row: Any, actor: Actor) -> None:
    """End a batch of which nothing waits any more, and tell each person once."""
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, row.authority_id, actor)
        if batches.waiting_cases(connection, row.id, limit=1):
            return
        if batches.set_state(connection, row.id, was=("running",), now="done", at=work.at):
            end(work, row)


def end(work: Work, row: Any) -> None:
    """Write that a batch has ended, and tell each person once how much has come to them and gone from them."""
    got: Counter[UUID] = Counter()
    gone: Counter[UUID] = Counter()
    pairs = batches.moved(work.connection, row.id)
    for pair in pairs:
        got.update({pair.to_id: pair.number} if pair.to_id else {})
        gone.update({pair.from_id: pair.number} if pair.from_id else {})
    mine = work.actor.practitioner_id if work.actor else None
    told = sorted({*got, *gone} - {mine})
    here = people.standings(work.connection, work.authority.id, told, today=work.today)
    for who in told:
        said = _told(row.kind if row.undoes_id is None else f"{row.kind} undone", got[who], gone[who])
        if said and who in here and not here[who].refusal(work.today):
            work.send(who, subject=said, body=_LOOK, key=f"batch:{row.id}:{who}")
    work.record("batch_ended", subject=row.id, detail={"done": sum(pair.number for pair in pairs)})
    work.finish()


def _told(kind: str, got: int, gone: int) -> str:
    """Say in one line what a batch means for somebody; empty when they are told at its own time, by a task."""
    come, away = _WORDS[kind]
    said = [_counted(got, *come)] if got and come else []
    said += [_counted(gone, *away)] if gone and away else []
    return "; ".join(said)


_TASKS: Final = (
    ("task has been given to you", "tasks have been given to you"),
    ("task of yours is with somebody else now", "tasks of yours are with somebody else now"),
)
_WORDS: Final[Mapping[str, tuple[tuple[str, str] | None, tuple[str, str] | None]]] = {
    "tasks": _TASKS,
    "tasks undone": _TASKS,
    "interim": (
        ("plan is yours to lead for now", "plans are yours to lead for now"),
        ("plan of yours is led by somebody else for now", "plans of yours are led by somebody else for now"),
    ),
    "interim undone": (
        ("plan is yours to lead again", "plans are yours to lead again"),
        ("plan is not yours to lead any more", "plans are not yours to lead any more"),
    ),
    # A successor is asked only once the family has been told.
    "handovers": (
        None,
        (
            "plan of yours is to be handed over: tell the family first",
            "plans of yours are to be handed over: tell the families first",
        ),
    ),
    "handovers undone": (
        ("plan of yours is not to be handed over now", "plans of yours are not to be handed over now"),
        None,
    ),
}
"""What came to somebody, and what went from them, as one and as many."""


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
