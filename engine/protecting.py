"""What protects a child does not go back with a step of a diagram that cannot run: it is kept, and told, by itself.

A concern that a step raises, and a consent that it takes back, are written with the step and would be undone with it.
They are then written once more in an act of their own, as those that nobody's diagram stands in the way of. The task
stays open; when its step is tried again it goes on with the concern that is kept, and raises no second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from engine import telling
from engine.acts import advance, send_message, settle, start_process
from engine.bpmn import ProcessStuck
from engine.calling_off import MAG_TAKEN_BACK, SHARING_STOPPED, call_off_meetings, end_yes_to_group
from engine.casework.consent_cover import SHARED, STOPPED
from engine.casework.permissions import Actor
from engine.errors import BudgetExceeded, Conflict, Invalid, NotFound, Unavailable
from engine.guard import MOST_TRIES, Trouble, attempt
from engine.operations import concerns, consents, mag_referrals, stalled_plans
from engine.operations.kept_concerns import kept_of, note_kept, say_now
from engine.operations.messages import alert_manager
from engine.process_engine import ProcessEngine
from engine.stopping import lies_with_diagram
from engine.store import escalations, locking
from engine.store.locking import CaseLine
from engine.work import Work, open_work

STALLED: Final = "stalled_plan"
"""The process whose referral rests on the consent that is gone."""
_NOBODY_FOLLOWS: Final = "Urgent: nobody has been asked yet to follow up a concern about a child"
_NOBODY_CHECKS: Final = "Urgent: consent is withdrawn, and nobody has been asked yet to check for harm"
_CONCERN_KEPT: Final = (
    "The concern about the child is kept and has been told to the managers and safeguarding leads all the same. If the "
    "child may be in danger now, ring social care or 999."
)
_TAKEN_BACK: Final = {
    "sharing": "Sharing has stopped all the same.",
    "mag": "The family’s yes to the Multi-Agency Group is taken back all the same.",
}
_FACT: Final = {"sharing": "consent", "mag": "mag_consent"}
_BEFORE: Final[Mapping[str, Sequence[str]]] = {"sharing": SHARED, "mag": ("yes",)}
_NOT_ANY_MORE: Final[Mapping[str, Sequence[str]]] = {"sharing": STOPPED, "mag": ("no",)}
"""For each purpose of a consent, the fact that holds it, the answers under which it shares, and those that end it."""
_OF_CONCERN: Final = ("concern_raised", "concern_taken_up")
"""The kinds of event that tell of a concern which a step has written."""
_IN_WORDS: Final = (Invalid, BudgetExceeded, ProcessStuck, NotFound)


def raise_on(
    everyone: Sequence[Work],
    answers: Mapping[str, Any],
    *,
    raised_by: UUID,
    raised_with: UUID | None = None,
    follow_up: bool,
) -> tuple[list[UUID], list[UUID]]:
    """Keep one concern on each of several cases and ask for the process that sees to its answer.

    Without `follow_up` that waits to be started, and the managers hear that nobody was asked yet. `raised_with` is
    another child's that says the same. Returns the concerns' ids in order, and the ids of what waits
    (`engine.telling.give`).
    """
    opened = concerns.open_for_all(everyone, answers, raised_by=raised_by, raised_with=raised_with)
    danger = answers.get("immediate_danger") in (True, "yes", "true")
    for each, concern_id in zip(everyone, opened, strict=True):
        concerns.begin(each, concern_id, danger=danger)
    return opened, [] if follow_up else [id_ for each in everyone for id_ in _put_off(each, _NOBODY_FOLLOWS)]


def withdraw_on(work: Work, *, follow_up: bool) -> tuple[UUID | None, list[UUID]]:
    """End what rests on the family's consent, and start the process that stops sharing and asks for a harm check.

    Without `follow_up` sharing stops at once, the process waits to be started, and the managers hear that nobody checks
    for harm yet. Returns the process's id, None without one, and the ids of what waits.
    """
    _end_what_rests_on_it(work)
    if follow_up:
        return start_process(work, consents.WITHDRAWAL, {}), []
    consents.stop_sharing(work, {}, {})
    work.starts.append((consents.WITHDRAWAL, consents.STOPPED_BEFORE))
    return None, _put_off(work, _NOBODY_CHECKS)


def take_back_mag(work: Work, *, why: str, follow_up: bool) -> list[UUID]:
    """Take back the family's yes to the Multi-Agency Group, and with it the referral that waits.

    Without `follow_up` the diagram of the stalled plan hears of it later; return the id of what waits then.
    """
    work.record("mag_consent_taken_back", payload={"why": why})
    told = end_yes_to_group(work, answer="no", why=why)
    if follow_up:
        send_message(work, MAG_TAKEN_BACK, told)
        return []
    return telling.queue(work, [work.case.id], MAG_TAKEN_BACK, told)


def _put_off(work: Work, subject: str) -> list[UUID]:
    alert_manager(work, {"subject": subject}, {})
    return telling.put_off_starts(work)


def _end_what_rests_on_it(work: Work) -> None:
    """End the way to the Multi-Agency Group and the meeting that is arranged; no other day is looked for either."""
    stalled = escalations.running(work.connection, work.case.id, STALLED)
    if stalled is not None:
        advance(work, locking.instance(work.connection, stalled), lambda instance: instance.cancel())
        stalled_plans.end_stalled_plan(work, {}, {})
    mag_referrals.end_referral(work)
    call_off_meetings(work, why="The family has taken its consent back")
    send_message(work, SHARING_STOPPED, {})


@dataclass(slots=True)
class Step:
    """A step of a diagram that is made in the block: when it is undone, what protects a child is kept all the same.

    `name` is alike whenever the step is tried again. The error that undid it goes on, and says what is kept. What met
    somebody else's act, or a failing database, is done again as a whole.
    """

    engine: ProcessEngine
    actor: Actor | None
    name: str
    _work: Work | None = None

    def begin(self, work: Work) -> None:
        """Take the act in which the step is made."""
        work.step, self._work = self.name, work

    def __enter__(self) -> Step:
        return self

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if self._work is None or not isinstance(error, Exception) or isinstance(error, Conflict | Unavailable):
            return
        said = self._keep(_undone(self._work))
        if said and isinstance(error, Invalid | NotFound | ProcessStuck) and type(error) in _IN_WORDS:
            raise type(error)(f"{error.message} {' '.join(said)}", **error.details) from error

    def _keep(self, undone: _Undone) -> list[str]:
        """Keep what the step had written, each in an act of its own; return what to tell who is asking."""
        wanted: list[tuple[str, _Keeping]] = []
        if undone.cases:
            wanted.append((_CONCERN_KEPT, partial(_raise_again, self, undone)))
        wanted += [(_TAKEN_BACK[each], partial(_take_back, self, undone.case, each)) for each in undone.taken_back]
        return [said for said, keep in wanted if self._kept(keep)]

    def _kept(self, keep: _Keeping) -> bool:
        """Carry out `keep` with what follows it, else without; tell whether it is kept, now or since an earlier try."""
        kept = attempt("keeping what protects a child", partial(keep, follow_up=True), tries=MOST_TRIES)
        if isinstance(kept, Trouble):
            if not lies_with_diagram(kept.error):
                raise kept.error
            kept = keep(follow_up=False)
        telling.give(self.engine, kept or [], actor=self.actor)
        return kept is not None

    def again(self, connection: sa.Connection, line: CaseLine) -> Work:
        """Begin an act on one of the step's cases, for what is kept of it."""
        return open_work(self.engine, connection, line, actor=self.actor, at=self.engine.clock.now())


class _Keeping(Protocol):
    """Keeps something in an act; returns what waits to be given then, None when there is nothing to keep."""

    def __call__(self, *, follow_up: bool) -> list[UUID] | None: ...


@dataclass(frozen=True, slots=True)
class _Undone:
    """What an undone step had written that may not go with it.

    `cases` are those of its concern, the step's own first, and `answers` what that says; `taken_back` the purposes of
    the consents that the family of `case` took back.
    """

    case: UUID
    cases: tuple[UUID, ...]
    answers: Mapping[str, Any]
    taken_back: tuple[str, ...]


def _undone(work: Work) -> _Undone:
    acts = (work, *work.also)
    raised = [(each.case.id, said) for each in acts for said in each.events if said.kind in _OF_CONCERN]
    answers = next((said.payload or {} for _, said in raised), {})
    answered = [said.detail for said in work.events if said.kind == "consent_recorded"]
    back = [each["purpose"] for each in answered if each["answer"] in _NOT_ANY_MORE.get(each["purpose"], ())]
    return _Undone(work.case.id, tuple(case_id for case_id, _ in raised), answers, tuple(dict.fromkeys(back)))


def _raise_again(step: Step, undone: _Undone, *, follow_up: bool) -> list[UUID] | None:
    with step.engine.sessions.act() as connection:
        lines = locking.cases_of(connection, undone.cases)
        if undone.cases[0] not in lines:
            return None  # A case that the step was to open is not there either.
        everyone = [step.again(connection, lines[id_]) for id_ in undone.cases if id_ in lines]
        first, *others = everyone
        first.also.extend(others)
        kept, by = kept_of(first, step.name), concerns.writer(first)
        if kept is None:
            (kept, *_), waiting = raise_on(everyone, undone.answers, raised_by=by, follow_up=follow_up)
            note_kept(first, kept, step.name)
        else:
            say_now(first, kept, str(undone.answers.get("what_happened") or ""))
            _, waiting = raise_on(others, undone.answers, raised_by=by, raised_with=kept, follow_up=follow_up)
        settle(first)
    return waiting


def _take_back(step: Step, case_id: UUID, purpose: str, *, follow_up: bool) -> list[UUID] | None:
    with step.engine.sessions.act() as connection:
        line = locking.cases_of(connection, [case_id]).get(case_id)
        if line is None or line.closed:
            return None
        work = step.again(connection, line)
        if work.facts()[_FACT[purpose]] not in _BEFORE[purpose]:
            return None
        if purpose == "mag":
            waiting = take_back_mag(work, why="", follow_up=follow_up)
        else:
            work.record("consent_withdrawal_told", detail={} if follow_up else {"waits": True})
            _, waiting = withdraw_on(work, follow_up=follow_up)
        settle(work)
    return waiting
