"""The authority under simulation: its engine, people and cases, and what they have ahead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from engine.clock import FakeClock
from engine.errors import EngineError
from engine.process_engine import ProcessEngine
from engine.simulation.agenda import Agenda
from engine.simulation.behaviours import Behaviours
from engine.simulation.chance import Chance
from engine.simulation.narratives import Story
from engine.simulation.office import Office


@dataclass(slots=True)
class Town:
    """The authority under simulation: its engine and clock, its people, their cases and what they have ahead.

    `doubled` are the cases of children who have two. `done` counts acts by name, `refused` what the engine would not
    do, by act and reason.
    """

    engine: ProcessEngine
    clock: FakeClock
    behaviours: Behaviours
    office: Office
    chance: Chance
    agenda: Agenda = field(default_factory=Agenda)
    stories: dict[UUID, Story] = field(default_factory=dict)
    doubled: list[UUID] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> date:
        """The local day."""
        return self.clock.now().astimezone(self.office.calendar.zone).date()

    def at_work(self, day: date, chance: Chance | None = None) -> datetime:
        """Draw a moment of a working day, nine to five on the local clock (aware UTC); from `chance` when given."""
        minutes = (chance or self.chance).randrange(8 * 60)
        local = datetime.combine(day, time(9), self.office.calendar.zone) + timedelta(minutes=minutes)
        return local.astimezone(self.clock.now().tzinfo)

    def in_days(self, least: int, most: int = 0) -> datetime:
        """Draw a moment `least` to `most` working days from today."""
        ahead = self.chance.randint(least, max(least, most))
        return self.at_work(self.office.calendar.add_working_days(self.today, ahead))

    def refuse(self, act: str, error: EngineError) -> None:
        """Count what the engine would not do, in the words that it says to people."""
        self.refused[f"{act}: {error}"] += 1
