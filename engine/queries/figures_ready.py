"""Figures of a very large authority are made before whoever may ask for them asks: while they work, no look waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.guard import attempt
from engine.process_engine import ProcessEngine
from engine.queries import kept_figures, stage_times, where_cases_stand
from engine.store.tables.boards import standings

KEY: Final = "figures are ready"


def prepare(engine: ProcessEngine, *, actor: Actor) -> None:
    """Have the figures of the actor's whole authority made behind them, twice a minute at most; return at once.

    Nothing is done for who sees only a part, nor where so few cases are open that figures are read at each look.
    """
    if not (permissions.sees_whole_authority(actor) and permissions.may_see_figures(actor)):
        return
    now, key = engine.clock.now(), (KEY, actor.authority_id)
    known = engine.kept.latest(key, now=now)
    if known is not None and known[0] < kept_figures.RENEWED_AFTER:
        return
    engine.kept.put(key, True, now=now)
    if _is_large(engine, actor):
        later = replace(actor, authority_version=None)
        engine.kept.renew(key, lambda: attempt("making figures ready", lambda: _make(engine, later)))


def _is_large(engine: ProcessEngine, actor: Actor) -> bool:
    own = sa.select(standings.c.case_id).where(standings.c.authority_id == actor.authority_id)
    with engine.sessions.read() as connection:
        return connection.execute(own.offset(kept_figures.MOST_COUNTED).limit(1)).first() is not None


def _make(engine: ProcessEngine, actor: Actor) -> None:
    where_cases_stand.now(engine, actor=actor)
    stage_times.figures(engine, actor=actor, period=stage_times.default_period(engine, actor=actor))
