"""Judge plans by the escalation rules and act on what they say, never silently.

A case is judged when an act has moved it: before the next page that somebody looks at, with the next tick of the
scheduler at the latest, so that of a rush of acts many are judged together. And in the night when the day has come from
which it could be judged otherwise though nobody has touched it (`engine.store.checks`). The row that says so is the
truth: whoever acted, whichever process serves the next page and whatever was killed in between, it is found there; and
of two that meet one does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.escalations import carry_out
from engine.guard import MOST_TRIES, Trouble, attempt, report
from engine.ids import IdSource
from engine.judging import Judged, Rules, judge_cases, rules_of
from engine.process_engine import ProcessEngine
from engine.reminders import tell_unsure
from engine.standings import work_out
from engine.store import checks, escalations, locking, standings
from engine.store import facts as fact_store
from engine.store.checks import Mark, OpenCase
from engine.store.incidents import resolve_authority_wide, resolve_judged
from engine.store.locking import CaseLine
from engine.work import Work, open_work, write_gathered

BATCH = 500
BEFORE_A_PAGE = 50
"""Cases for which a page waits, a fifth of a millisecond each; more have moved only where one act moved very many."""
ACTED_ON_TOGETHER = 20
"""Cases that share a commit, which a slow disk makes the dearest part; few, as other writers wait for it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: cases judged, cases whose escalations changed, cases that could not be judged.

    `left` are those that met another writer: they are still to be judged.
    """

    judged: int = 0
    changed: int = 0
    failed: int = 0
    left: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.judged + other.judged,
            self.changed + other.changed,
            self.failed + other.failed,
            self.left + other.left,
        )


def check_changed(engine: ProcessEngine, *, limit: int = BATCH) -> Swept:
    """Judge up to `limit` open cases whose record changed since they were last judged."""
    with engine.sessions.read() as connection:
        todo = checks.unchecked(connection, limit=limit)
    return _sweep(engine, todo)


def check_shown(engine: ProcessEngine, *, case_id: UUID | None = None) -> Swept:
    """Judge the cases that acts have moved, before a page is made that may show them; `case_id` is the one it is about.

    Whatever goes wrong, the page is shown: a case that could not be judged now is seen to by the scheduler's next tick,
    and so are those beyond `BEFORE_A_PAGE`.
    """
    done = attempt("a check before a page", lambda: _check_shown(engine, case_id))
    return Swept() if isinstance(done, Trouble) else done


def _check_shown(engine: ProcessEngine, case_id: UUID | None) -> Swept:
    with engine.sessions.read() as connection:
        todo = checks.unchecked(connection, limit=BEFORE_A_PAGE)
        if case_id is not None and len(todo) == BEFORE_A_PAGE:
            own = checks.unchecked_among(connection, [case_id])
            todo = own + [case for case in todo if case.id != case_id]
    return _sweep(engine, todo, tries=1)


def check_nightly(engine: ProcessEngine, *, authority_id: UUID | None = None) -> Swept:
    """Judge the open cases of an authority (of all, when none is named) that could be judged otherwise today."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        todo = checks.due(connection, authority_id, now=now)
    done = _sweep(engine, todo)
    if authority_id is not None and not done.failed:
        with engine.sessions.act() as connection:
            resolve_authority_wide(connection, authority_id, kind="effect", at=now)
    return done


def _sweep(engine: ProcessEngine, todo: Sequence[OpenCase], *, tries: int = MOST_TRIES) -> Swept:
    """Judge cases; one that meets another writer `tries` times has failed, and is left when that is once."""
    done, now = Swept(), engine.clock.now()
    for authority_id in dict.fromkeys(case.authority_id for case in todo):
        own = [case for case in todo if case.authority_id == authority_id]
        for start in range(0, len(own), BATCH):
            done += _sweep_guarded(engine, authority_id, own[start : start + BATCH], now=now, tries=tries)
    return done


def _sweep_guarded(
    engine: ProcessEngine, authority_id: UUID, batch: Sequence[OpenCase], *, now: datetime, tries: int
) -> Swept:
    """Judge a batch; one that fails is halved until the case that cannot be judged is found and reported.

    When the rules cannot be asked at all, one incident of the authority says so.
    """
    done = attempt(
        "judging plans", lambda: _sweep_batch(engine, authority_id, batch, now=now, tries=tries), tries=tries
    )
    if not isinstance(done, Trouble):
        return done
    done.raise_when_down()
    if done.met and tries == 1:
        return Swept(left=len(batch))
    if _no_rules(engine, authority_id, batch[0], now=now):
        return Swept(failed=len(batch))
    if len(batch) > 1:
        parts = batch[: len(batch) // 2], batch[len(batch) // 2 :]
        return sum((_sweep_guarded(engine, authority_id, part, now=now, tries=tries) for part in parts), Swept())
    _report(engine, batch[0], done, now=now)
    return Swept(failed=1)


def _no_rules(engine: ProcessEngine, authority_id: UUID, case: OpenCase, *, now: datetime) -> bool:
    """Tell whether an authority's rules cannot be asked at all, and make an incident of that."""
    trouble = attempt("reading escalation rules", lambda: _ask_for_rules(engine, authority_id, case, now=now))
    if trouble is None:
        return False
    said = "No plan of this authority could be judged"
    report(engine, trouble, said=said, kind="rule", at=now, authority_id=authority_id)
    return True


def _ask_for_rules(engine: ProcessEngine, authority_id: UUID, case: OpenCase, *, now: datetime) -> None:
    with engine.sessions.read() as connection:
        authority = engine.library.authority(connection, authority_id, case.authority_version)
        rules_of(engine, connection, authority, at=now)


def _sweep_batch(
    engine: ProcessEngine, authority_id: UUID, batch: Sequence[OpenCase], *, now: datetime, tries: int
) -> Swept:
    """Judge a batch with set-wise reads and writes; only cases where something is to be done are acted on."""
    with engine.sessions.read() as connection:
        authority = engine.library.authority(connection, authority_id, batch[0].authority_version)
        rules = rules_of(engine, connection, authority, at=now)
        judgements = judge_cases(engine, connection, rules, batch)
        quiet = [judged for judged in judgements if not judged.differs]
        moved = standings.behind(connection, {judged.case.id: judged.case.version for judged in quiet})
        stand = work_out(engine, connection, moved)
    changed = {judged.case.id: judged.facts for judged in judgements if judged.facts_changed}
    with engine.sessions.act() as connection:
        # All of them in one order: marking locks those that are not held yet.
        held = checks.hold(connection, [judged.case for judged in judgements] if changed else [])
        own = {case_id: facts for case_id, facts in changed.items() if case_id in held}
        checks.keep_facts(connection, own, authority_id=authority_id, at=now, ids=engine.ids)
        marks = [Mark(judged.case.id, judged.case.version, judged.judge_on, authority.version) for judged in quiet]
        checks.mark(connection, marks, today=rules.today)
        standings.keep(connection, stand, today=rules.today)
        escalations.say(connection, [said for judged in quiet for said in judged.moved_sentences()])
        resolve_authority_wide(connection, authority_id, kind="rule", at=now)
        resolve_judged(connection, [judged.case.id for judged in quiet], at=now)
    loud = [judged for judged in judgements if judged.differs]
    done = Swept(judged=len(batch), changed=len(loud))
    for start in range(0, len(loud), ACTED_ON_TOGETHER):
        done += _apply(engine, rules, loud[start : start + ACTED_ON_TOGETHER], tries=tries)
    return done


def _apply(engine: ProcessEngine, rules: Rules, group: Sequence[Judged], *, tries: int) -> Swept:
    """Act on some cases' judgements in one transaction; return how many failed, and how many met another writer.

    When one of them fails nothing is kept, and each is tried again in a transaction of its own.
    """
    alone = len(group) == 1
    trouble = attempt("acting on judgements", lambda: _act_on_each(engine, rules, group), tries=tries if alone else 1)
    if trouble is None:
        return Swept()
    trouble.raise_when_down()
    if not alone:
        return sum((_apply(engine, rules, [judged], tries=tries) for judged in group), Swept())
    if trouble.met and tries == 1:
        return Swept(left=1)
    _report(engine, group[0].case, trouble, now=rules.now)
    return Swept(failed=1)


def _act_on_each(engine: ProcessEngine, rules: Rules, group: Sequence[Judged]) -> None:
    with engine.sessions.act() as connection:
        lines = locking.cases_of(connection, [judged.case.id for judged in group])
        done = [_act_on(engine, connection, rules, judged, lines[judged.case.id]) for judged in group]
        _write_up(rules, connection, [acted for acted in done if acted is not None], ids=engine.ids)


@dataclass(frozen=True, slots=True)
class _Acted:
    """What was done about one case; `started` when a process began, so that its facts have moved with it."""

    work: Work
    judged: Judged
    started: bool


def _act_on(
    engine: ProcessEngine, connection: sa.Connection, rules: Rules, judged: Judged, case: CaseLine
) -> _Acted | None:
    """Act on a locked case's judgement, or on a new one when the record has moved since it was judged."""
    if case.closed:
        return None
    if (case.version, case.authority_version) != (judged.case.version, judged.case.authority_version):
        authority = engine.library.authority(connection, case.authority_id, case.authority_version)
        rules = rules_of(engine, connection, authority, at=rules.now)
        now = OpenCase(case.id, case.authority_id, case.authority_version, case.version, checks.NEVER)
        (judged,) = judge_cases(engine, connection, rules, [now])
    work = open_work(engine, connection, case, actor=None, at=rules.now)
    work.know(judged.facts)
    return _Acted(work, judged, carry_out(work, rules.id, judged))


def _write_up(rules: Rules, connection: sa.Connection, done: Sequence[_Acted], *, ids: IdSource) -> None:
    """End these acts, and write set-wise what is the same for each: their facts, and that they were judged."""
    works: list[Work] = []
    for acted in done:
        settle(acted.work, left=works)
    write_gathered(works)
    _keep_standings(works, today=rules.today)
    sure = [acted.judged.case.id for acted in done if not acted.judged.judgement.unsure]
    resolve_judged(connection, sure, at=rules.now)
    moved = [acted.judged.case.id for acted in done if acted.started]
    facts = {acted.judged.case.id: acted.judged.facts for acted in done if acted.judged.facts_changed}
    facts |= fact_store.gather(connection, moved) if moved else {}
    checks.keep_facts(connection, facts, authority_id=rules.authority.id, at=rules.now, ids=ids)
    tomorrow = rules.today + timedelta(days=1)
    lines = [acted.work.case for acted in done]
    marks = [Mark(line.id, line.version + 1, tomorrow, line.authority_version) for line in lines]
    checks.mark(connection, marks, today=rules.today)


def _keep_standings(works: Sequence[Work], *, today: date) -> None:
    """Keep how the cases of these acts stand after them, in their transaction."""
    if works:
        engine, connection = works[0].engine, works[0].connection
        ids = [work.case.id for work in works]
        standings.keep(connection, work_out(engine, connection, ids), today=today)


def _report(engine: ProcessEngine, case: OpenCase, trouble: Trouble, *, now: datetime) -> None:
    """Make an incident of a case that failed, and tell its manager once for as long as that lasts."""
    incident_id = report(
        engine,
        trouble,
        said="Escalation failed",
        kind="effect",
        at=now,
        authority_id=case.authority_id,
        case_id=case.id,
        also=lambda connection: checks.give_up(connection, case),
    )
    if incident_id is not None:
        # The incident stands, whatever keeps the letter from being written.
        attempt("telling of a plan that could not be judged", lambda: _tell(engine, case, incident_id, now=now))


def _tell(engine: ProcessEngine, case: OpenCase, incident_id: UUID, *, now: datetime) -> None:
    with engine.sessions.act() as connection:
        line = locking.cases_of(connection, [case.id])[case.id]
        work = open_work(engine, connection, line, actor=None, at=now)
        tell_unsure(work, incident_id)
        settle(work)
        # The letter moved the case by one; unless somebody else did too, it still waits for the next night.
        checks.give_up(connection, replace(case, version=case.version + 1))
