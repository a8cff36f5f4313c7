"""Supervision: a manager talks cases over with whoever has them, and keeps what was decided."""

from __future__ import annotations

from typing import Final

from engine.casework.permissions import Actor
from engine.commands import oversight
from engine.overseeing import Said
from engine.queries import supervision
from engine.simulation.chance import Chance
from engine.simulation.narratives import word_list
from engine.simulation.town import Town

SUPERVISION: Final = "supervision"
_AT_ONCE: Final = 3
_WITHIN: Final = (4, 15)
"""The working days within which what was decided is to be done."""
_HAS_A_DAY: Final = 0.7


def hold(town: Town, chance: Chance) -> None:
    """Let every manager who is in talk over a few cases with one of their people, those that waited longest."""
    for actor in town.office.actors.values():
        if actor.manages and town.office.is_in(actor.practitioner_id, town.today):
            _talk_over(town, actor, chance)


def _talk_over(town: Town, manager: Actor, chance: Chance) -> None:
    office, today = town.office, town.today
    rows = supervision.board(town.engine, actor=manager).rows
    there = [row for row in rows if row.holder_id is not None and office.is_in(row.holder_id, today)]
    for row in [each for each in there if each.holder_id == there[0].holder_id][:_AT_ONCE]:
        words, story = chance.choice(word_list()["supervision"]), town.stories[row.case_id]
        ahead = chance.randint(*_WITHIN)
        by_on = office.calendar.add_working_days(today, ahead) if chance.happens(_HAS_A_DAY) else None
        said = Said(today, story.tell(words["discussed"]), story.tell(words["decided"]), by_on, row.holder_id)
        oversight.note(town.engine, actor=manager, case_id=row.case_id, said=said)
        town.done["cases talked over in supervision"] += 1
