"""Letters that the service wrote for a family: pretend people hand them over or post them some days later."""

from __future__ import annotations

from uuid import UUID

from engine.commands import family_letters
from engine.errors import EngineError
from engine.queries import simulated_letters
from engine.simulation.chance import Chance
from engine.simulation.town import Town

GIVE = "letters"
"""The entry of the agenda: what waits on one case is given."""
POST_DAYS = frozenset({0, 2, 4})
"""The days of the week, Monday 0, on which letters are given: our own choice."""
_EVES = frozenset({6, 1, 3})
LATER = 0.1
"""How often letters wait a week for the next visit."""
_AT_HAND = 0.6


class Post:
    """Who gives which letters when; drawn from a stream of its own, so that nothing else is drawn otherwise."""

    def __init__(self, town: Town, chance: Chance) -> None:
        self._town, self._chance = town, chance
        self._last = UUID(int=0)
        self._planned: set[UUID] = set()

    def look(self) -> None:
        """Enter a day for each case on which letters were written, on the evening before a post day."""
        if self._town.today.weekday() not in _EVES:
            return
        for letter_id, case_id in simulated_letters.written_after(self._town.engine, self._last):
            self._last = letter_id
            if case_id not in self._planned:
                self._planned.add(case_id)
                self._enter(case_id, 5 if self._chance.happens(LATER) else 1)

    def give(self, case_id: UUID) -> None:
        """Record that the letters that wait on a case are with their readers, by who leads it when they are in."""
        town = self._town
        giver, waiting = simulated_letters.to_be_given(town.engine, case_id, today=town.today)
        if giver is not None and giver in town.office.actors and not town.office.is_in(giver, town.today):
            self._enter(case_id, 1)
            return
        self._planned.discard(case_id)
        if not waiting or giver is None:
            return
        actor, how = town.office.actors.get(giver, town.office.coordinator), self._way()
        try:
            family_letters.mark_given(town.engine, actor=actor, case_id=case_id, letter_ids=waiting, how=how)
        except EngineError as error:
            town.refuse(GIVE, error)
        else:
            town.done["letters given"] += len(waiting)

    def _way(self) -> str:
        return "hand" if self._chance.happens(_AT_HAND) else "post"

    def _enter(self, case_id: UUID, ahead: int) -> None:
        """Enter a case for the first post day that is at least so many working days ahead."""
        town, calendar = self._town, self._town.office.calendar
        day = calendar.add_working_days(town.today, ahead)
        while day.weekday() not in POST_DAYS:
            day = calendar.add_working_days(day, 1)
        town.agenda.put(town.at_work(day, self._chance), GIVE, case_id=case_id)
