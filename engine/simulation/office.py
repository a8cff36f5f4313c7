"""Who is there: the people of a simulated authority, who is at work when, and who steps in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine.calendar import WorkingCalendar
from engine.casework.permissions import Actor
from engine.simulation.behaviours import Behaviours
from engine.simulation.chance import Chance, stream
from engine.simulation.diaries import Diary, new_diary

_DEPUTISED = frozenset({"coordinator", "mag_member", "safeguarding_lead", "senior_officer", "designer"})
"""Roles in which somebody always stands in: one post, several people."""
_POSTS = frozenset({"safeguarding_leads", "senior_officers", "mag_members"})
"""Groups whose task others may take too, as managers and coordinators, but that is first of all theirs."""
_BY_POST = 0.85
_NOBODY = Diary((), None, 1.0)


@dataclass(frozen=True, slots=True)
class Office:
    """Everybody with an account by practitioner id, and their diaries. `everybody` holds the others too."""

    actors: Mapping[UUID, Actor]
    diaries: Mapping[UUID, Diary]
    everybody: tuple[UUID, ...]
    calendar: WorkingCalendar

    @property
    def workers(self) -> list[UUID]:
        """Return who leads and assesses: case workers who manage nobody."""
        return [id_ for id_, actor in self.actors.items() if actor.roles == {"case_worker"}]

    @property
    def outside(self) -> frozenset[UUID]:
        """Return who has no account: what they say comes by telephone."""
        return frozenset(self.everybody) - self.actors.keys()

    @property
    def coordinator(self) -> Actor:
        """Return the coordinator."""
        return next(actor for actor in self.actors.values() if "coordinator" in actor.roles)

    def back_on(self, practitioner: UUID, day: date) -> date | None:
        """Return the first working day, `day` or later, on which somebody is at work; None when they have left."""
        return self.diaries.get(practitioner, _NOBODY).back_on(day, self.calendar)

    def is_in(self, practitioner: UUID, day: date) -> bool:
        """Tell whether somebody is at work on a working day."""
        return self.back_on(practitioner, day) == day

    def slow(self, practitioner: UUID | None) -> float:
        """Return by what somebody's lateness is multiplied; 1 for a group or an outsider."""
        return _NOBODY.slow if practitioner is None else self.diaries.get(practitioner, _NOBODY).slow

    def manager_of(self, practitioner: UUID) -> Actor | None:
        """Return somebody's line manager, where they have an account."""
        return next((actor for actor in self.actors.values() if practitioner in actor.manages), None)

    def who_takes(self, groups: frozenset[str], near: UUID, day: date, chance: Chance) -> Actor | None:
        """Return who of a group takes a task: who has the post it is meant for, mostly, then the worker's own manager.

        Else anybody who is in.
        """
        able = [actor for actor in self.actors.values() if actor.groups & groups]
        there = [actor for actor in able if self.is_in(actor.practitioner_id, day)]
        if not there:
            return None
        posted = [actor for actor in there if actor.groups & groups & _POSTS]
        if posted and chance.happens(_BY_POST):
            return chance.choice(posted)
        own = [actor for actor in there if near in actor.manages or actor.practitioner_id == near]
        return own[0] if own else chance.choice(there)

    def cover_for(self, practitioner: UUID, day: date, chance: Chance) -> Actor | None:
        """Return who does the work of somebody who is away: a colleague of the same manager, else the manager."""
        manager = self.manager_of(practitioner)
        team = manager.manages if manager else frozenset()
        there = [
            actor for id_, actor in self.actors.items() if id_ in team and id_ != practitioner and self.is_in(id_, day)
        ]
        if there:
            return chance.choice(there)
        return manager if manager and self.is_in(manager.practitioner_id, day) else None

    def who_reassigns(self, practitioner: UUID, day: date) -> Actor:
        """Return who may give somebody's task to another: their manager when in, else the coordinator."""
        manager = self.manager_of(practitioner)
        if manager is not None and self.is_in(manager.practitioner_id, day):
            return manager
        return self.coordinator


def open_office(
    actors: Mapping[UUID, Actor],
    everybody: tuple[UUID, ...],
    *,
    behaviours: Behaviours,
    first: date,
    days: int,
    seed: int,
    calendar: WorkingCalendar,
    stay: frozenset[UUID],
) -> Office:
    """Draw everybody's diary from `first` on, and return the office. Those who `stay` do not leave for good."""
    diaries = {}
    for number, (practitioner, actor) in enumerate(actors.items()):
        if actor.roles & _DEPUTISED:
            diaries[practitioner] = _NOBODY
            continue
        diaries[practitioner] = new_diary(
            stream(seed, "diary", number),
            behaviours.away,
            first=first,
            days=days,
            slowest=behaviours.slowest,
            calendar=calendar,
            stays=practitioner in stay or bool(actor.manages),
        )
    return Office(actors, diaries, everybody, calendar)
