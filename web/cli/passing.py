"""`caf tick`: do what is due, or let time pass on a copy of the database."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import astuple, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from engine.clock import FakeClock
from engine.commands import keeping, upkeep
from engine.commands.milestones import Milestone, reach
from engine.errors import Invalid, shown
from engine.ids import RandomIds
from engine.playing.guarding import guarded
from engine.process_engine import ProcessEngine
from engine.queries import milestones
from engine.scheduler import Ticked
from engine.scheduler import tick as tick_once
from web.cli.opening import ahead_of, courier_for, opened, require_folder, settings_of
from web.cli.program import program

SHORTEST_STEP: Final = timedelta(hours=1)
LONGEST_STEP: Final = timedelta(days=1)
FARTHEST: Final = timedelta(days=3660)
_DAYS = re.compile(r"\+(\d{1,5})d", re.ASCII)
_DAYS_BACK = re.compile(r"-\d+d", re.ASCII)


def tick(options: argparse.Namespace) -> int:
    """Do everything that is due, and say how much that was; with `--now`, all that falls due until then, on a copy."""
    if options.rehearse and options.now is None:
        raise Invalid("--rehearse needs --now: until when is time to pass?")
    if options.now is not None:
        return _until(options)
    with opened(options) as engine:
        rehearsal = ahead_of(engine) is not None
        _say(tick_once(guarded(engine), courier_for(engine.settings, rehearsal=rehearsal)))
    return 0


def mark_rehearsal(engine: ProcessEngine, milestone: Milestone = "rehearsal_began") -> None:
    """Keep in every authority's chain that this database is a rehearsal, and how far it has come."""
    for authority_id in milestones.zones(engine):
        reach(engine, authority_id=authority_id, milestone=milestone)


def _until(options: argparse.Namespace) -> int:
    with opened(options) as engine:
        until = _instant(options.now, engine)
        if ahead_of(engine) is None and not options.rehearse:
            raise Invalid(
                "the record keeps the machine's time; let time pass on a copy of it: "
                f"{program()} tick --now {options.now} --rehearse trial.db"
            )
        if options.rehearse:
            options.database = _copied(engine, Path(options.rehearse))
    with opened(options) as engine:
        if ahead_of(engine) is None:
            mark_rehearsal(engine)
        _say(_pass(engine, until))
        here = next(iter(milestones.zones(engine).values()))
    print(f"The rehearsal has come to {until.astimezone(here):%A %-d %B %Y, %H:%M}. To look at it:")
    print(f"  {program()} serve --port 8001 --database {options.database or settings_of(options).database_url}")
    return 0


def _copied(engine: ProcessEngine, target: Path) -> str:
    """Copy the database to the file `target` and return the copy's address. Raises `Invalid`."""
    if target.exists():
        raise Invalid(f"{target} is there already; name another, or go on with it: --database sqlite:///{target}")
    require_folder(target)
    if engine.sessions.dialect != "sqlite":
        raise Invalid(
            "--rehearse copies SQLite files; for PostgreSQL, restore a backup into a database of its own: "
            f"{program()} restore FILE --rehearsal --database URL"
        )
    if not milestones.zones(engine):
        raise Invalid("there is no authority yet; run `caf init` first")
    keeping.backup(engine.settings, target)
    return f"sqlite:///{target}"


def _pass(engine: ProcessEngine, until: datetime) -> Ticked:
    """Let time pass from timer to timer, and from night to night, until `until`; return what was done in all."""
    start = engine.clock.now()
    clock = FakeClock(start)
    moving = guarded(replace(engine, clock=clock, ids=RandomIds(clock)))
    courier = courier_for(engine.settings, rehearsal=True)
    done, week = Ticked(), 0
    try:
        while clock.now() < until:
            clock.set(_next(moving, until))
            new = tick_once(moving, courier)
            done = Ticked(*(one + other for one, other in zip(astuple(done), astuple(new), strict=True)))
            if (clock.now() - start).days // 7 > week:
                week = (clock.now() - start).days // 7
                print(f"caf tick: week {week} of {(until - start).days // 7}", file=sys.stderr)
    finally:
        mark_rehearsal(moving, "rehearsal_moved")
    return done


def _next(engine: ProcessEngine, until: datetime) -> datetime:
    now, due = engine.clock.now(), upkeep.next_due(engine)
    soonest = now + LONGEST_STEP if due is None else max(now + SHORTEST_STEP, min(due, now + LONGEST_STEP))
    # A night's work belongs to its own day: done at the midnight after, a consent would lapse a day late.
    return min(soonest, upkeep.next_night(engine) or until, until)


def _instant(text: str, engine: ProcessEngine) -> datetime:
    """Read what `--now` says, which must be ahead of the engine's clock. A day is its midnight in the authority's zone.

    Raises `Invalid`.
    """
    now = engine.clock.now()
    if found := _DAYS.fullmatch(text):
        if int(found[1]) == 0:
            raise Invalid(f"--now: {text} lets no time pass; write +1d or more")
        until = now + timedelta(days=int(found[1]))
    else:
        until = _read(text, now.date())
        if until.tzinfo is None:
            until = _local(text, until, engine)
    if until.year - now.year > FARTHEST.days // 365 or until > now + FARTHEST:
        raise Invalid(f"--now: {shown(text)} is more than ten years away")
    if until <= now:
        raise Invalid(f"--now: {shown(text)} is past; time passes forwards only, and it is {now:%Y-%m-%dT%H:%MZ} there")
    return until


def _read(text: str, today: date) -> datetime:
    if _DAYS_BACK.fullmatch(text):
        raise Invalid(f"--now: {shown(text)} is past; time passes forwards only, as +90d")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        soon = today + timedelta(days=90)
        raise Invalid(f"--now: {shown(text)} is not a day, as {soon}, an instant, as {soon}T09:00, or +90d") from error


def _local(text: str, until: datetime, engine: ProcessEngine) -> datetime:
    zones = set(milestones.zones(engine).values())
    if len(zones) > 1:
        raise Invalid(f"--now: the authorities here have different clocks; write the zone too, as {until.isoformat()}Z")
    return until.replace(tzinfo=zones.pop()) if zones else until.astimezone()


def _say(done: Ticked) -> None:
    print(f"{done.fired} timers fired, {done.failed} failed, {done.judged} cases judged, {done.sent} messages sent")
