"""The two sets of rules that are compared, as of one day: those in force, and those with the draft in their place."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.escalation import DECISION
from engine.clock import local_day
from engine.dmn import DecisionModel
from engine.errors import Invalid, NotFound
from engine.feel import Environment
from engine.judging import Rules
from engine.library import TIMESCALES
from engine.process_engine import ProcessEngine
from engine.store import past
from engine.store.authorities import Authority
from engine.store.past import Version
from engine.whatif.drafts import ASKED, Draft

DRAFT_ID: Final = UUID(int=0)
"""Stands where a deployed rules file has its id."""
NATION_UNKNOWN: Final = (
    "The record does not say which nation's bank holidays counted on that day, so those that count today are taken."
)


@dataclass(frozen=True, slots=True)
class Moment:
    """The day that is asked about. `end` (aware UTC) is None for now, else the instant at which the local day ended."""

    today: date
    at: datetime
    end: datetime | None = None

    @property
    def past_day(self) -> date | None:
        """The day, None for now."""
        return None if self.end is None else self.today


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sets of rules, what of the first was deployed, and what could not be had as it was on the day."""

    now: Rules
    draft: Rules
    against: tuple[Version, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialHost:
    """What rules that are tried out may ask of the authority: its calendar, and the limits of one timescales table."""

    calendar: WorkingCalendar
    fixed_key: Hashable
    """The same for hosts that give the same limits."""
    _timescales: DecisionModel | None
    _authority: str
    _known: dict[str, Any] = field(default_factory=dict)

    def time_limit(self, name: str) -> Any:
        """Return a limit as `engine.library.Host` does. Raises `Invalid` when no row gives it, or there is no table."""
        if name not in self._known:
            self._known[name] = self._decide(name)
        return self._known[name]

    def _decide(self, name: str) -> Any:
        if self._timescales is None:
            raise Invalid(f"There are no time limits in force, so none called '{name}'", limit=name)
        environment = Environment(now=None, zone=self.calendar.zone, warnings=[], host=self)
        asked = {"limit": name, "authority": self._authority}
        value = self._timescales.evaluate(TIMESCALES, asked, environment).value
        if value is None:
            raise Invalid(f"The timescales table has no row for the limit '{name}'", limit=name)
        return value


def moment_of(on: date | None, authority: Authority, *, now: datetime) -> Moment:
    """Return the moment to ask about: the end of the local day `on`, or `now` for None and for today.

    Raises `Invalid` for a day to come, of which nothing is known yet.
    """
    today = local_day(now, authority.zone)
    if on is None or on == today:
        return Moment(today, now)
    if on > today:
        raise Invalid(f"{on} is still to come; choose today or a day that has passed", field="on")
    end = datetime.combine(on + timedelta(days=1), time.min, authority.zone).astimezone(UTC)
    return Moment(on, end - timedelta(seconds=1), end)


def sides_of(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, draft: Draft, moment: Moment, *,
    rules_of_the_day: bool = False,
) -> Sides:  # fmt: skip
    """Return the rules in force (those of the day, if asked for) and those with the draft in their places.

    Both go by the authority's zone and its calendar of that day. Raises `NotFound` when no escalation rules were in
    force, on the day or today.
    """
    calendar, notes = _calendar(connection, authority, moment)
    then = replace(authority, calendar=calendar)
    if rules_of_the_day and moment.end is not None:
        ids = _ids_before(connection, authority, moment.end)
        if DECISION not in ids and ("decision", DECISION) in authority.latest:
            raise NotFound(_none_then(connection, authority, moment), field="rules_of_the_day")
    else:
        ids = {name: authority.latest["decision", name] for name in ASKED if ("decision", name) in authority.latest}
        notes += tuple(_other_versions(connection, authority, moment, ids))
    deployed = {decision: engine.library.rules(connection, id_) for decision, id_ in ids.items()}
    limits = str(ids.get(TIMESCALES))
    now = _rules(then, moment, deployed, ids.get(DECISION, DRAFT_ID), limits)
    limits = draft.digest if TIMESCALES in draft.models else limits
    trial = _rules(then, moment, {**deployed, **draft.models}, DRAFT_ID, limits)
    return Sides(now, trial, tuple(past.versions_of(connection, list(set(ids.values())))), notes)


def _rules(
    authority: Authority, moment: Moment, models: Mapping[str, DecisionModel], id_: UUID, limits: str
) -> Rules:
    model = models.get(DECISION)
    if model is None:
        raise NotFound(f"{authority.name} has no rules with the decision '{DECISION}' in force; deploy them first")
    key = (authority.id, "tried", limits)
    host = TrialHost(authority.calendar, key, models.get(TIMESCALES), authority.key)
    points = model.turning_points(DECISION, host)
    return Rules(id_, model, host, authority, moment.at, moment.today, points)


def _none_then(connection: sa.Connection, authority: Authority, moment: Moment) -> str:
    """Say that no escalation rules were in force on a past day, and when the first came."""
    first = past.first_holding(connection, authority.id, DECISION)
    came = f" (the first came on {local_day(first, authority.zone):%-d %B %Y})" if first is not None else ""
    return (
        f"No escalation rules of {authority.name} were in force on {moment.today:%-d %B %Y}{came}. Leave out that the "
        "rules of the day are to be compared with, or choose a later day"
    )


def _ids_before(connection: sa.Connection, authority: Authority, end: datetime) -> dict[str, UUID]:
    found = {decision: past.holder_before(connection, authority.id, decision, end) for decision in ASKED}
    return {decision: version.definition_id for decision, version in found.items() if version is not None}


def _other_versions(
    connection: sa.Connection, authority: Authority, moment: Moment, ids: Mapping[str, UUID]
) -> Iterator[str]:
    """Say which other versions of the rules were in force on the day."""
    if moment.end is None:
        return
    for decision, id_ in ids.items():
        before = past.holder_before(connection, authority.id, decision, moment.end)
        if before is None:
            yield f"No rules with '{decision}' were in force on that day; those of today are compared with."
        elif before.definition_id != id_:
            yield f"On that day version {before.version} of {before.file} was in force; that of today is compared with."


def _calendar(
    connection: sa.Connection, authority: Authority, moment: Moment
) -> tuple[WorkingCalendar, tuple[str, ...]]:
    """Return the authority's calendar as it was then, and what could not be had of it."""
    own = authority.calendar
    if moment.end is None:
        return own, ()
    then = past.calendar_before(connection, authority.id, moment.end)
    notes = (NATION_UNKNOWN,) if then.nation is None else ()
    return WorkingCalendar(nation=then.nation or own.nation, closures=then.closures, zone=own.zone), notes
