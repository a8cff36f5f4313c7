"""Cases begin: on which days, with whom round the child, and now and then a second one of a child who has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from engine.simulation import acts
from engine.simulation.chance import Chance, stream
from engine.simulation.diaries import DAYS_A_YEAR
from engine.simulation.narratives import new_story
from engine.simulation.plans import Plan
from engine.simulation.town import Town

_IN_THE_FIRST = 28
_OLDER = 0.1
"""With `Plan.recent`, the share of cases that open before: what a caseload still holds of long ago."""
_YOUNG = 12
"""How many of the cases that opened last somebody else may open once more, not knowing of them."""


def opening_days(plan: Plan, first: date, chance: Chance, town: Town) -> list[date]:
    """Draw the days on which the cases open, in order: some in the first weeks, the others as the months weigh."""
    doubles = [day for day, what in sure_days(plan, first, town) if what == "double" and day >= first]
    number = max(0, plan.cases - len(doubles))
    if plan.recent is None or plan.recent >= plan.days:
        return _spread(plan, first, plan.days, number, chance, town)
    before = plan.days - plan.recent
    old = round(number * _OLDER)
    # Not on the last day, which ends at the moment at which the caseload is looked at: before work, perhaps.
    recent = _spread(plan, first + timedelta(days=before), plan.recent - 1, number - old, chance, town)
    return sorted([*_evenly(first, before, old, chance, town), *recent])


def sure_days(plan: Plan, first: date, town: Town) -> list[tuple[date, str]]:
    """Return the day of each of `Plan.befalls`; of a short plan some lie before the first."""
    last = first + timedelta(days=plan.days - 1)
    return [(town.office.calendar.add_working_days(last, -before), what) for before, what in plan.befalls]


def _evenly(first: date, days: int, number: int, chance: Chance, town: Town) -> list[date]:
    working = _working(first, days, town)
    return [chance.choice(working) for _ in range(number)] if working else []


def _spread(plan: Plan, first: date, days: int, number: int, chance: Chance, town: Town) -> list[date]:
    load, working = plan.behaviours.caseload, _working(first, days, town)
    if not working:
        return []
    early = [day for day in working if day < first + timedelta(days=_IN_THE_FIRST)] or working
    backlog = round(number * load.opens_with_a_backlog * min(1.0, days / DAYS_A_YEAR))
    weights = [load.months[day.month - 1] for day in working]
    found = [chance.choice(early) for _ in range(backlog)]
    found += chance.choices(working, weights, k=number - backlog)
    return sorted(found)


def _working(first: date, days: int, town: Town) -> list[date]:
    found = [first + timedelta(days=number) for number in range(days)]
    return [day for day in found if town.office.calendar.is_working_day(day)]


def open_next(town: Town, seed: int, load: dict[UUID, int]) -> None:
    """Open the next case, by one of those who have the fewest; now and then for a sibling of a child who is known."""
    chance = stream(seed, "case", len(town.stories))
    worker = _worker(town, load, chance)
    sibling = None
    if town.stories and chance.happens(town.behaviours.caseload.siblings):
        sibling = town.stories[chance.choice(list(town.stories))]
        worker = sibling.worker if town.office.is_in(sibling.worker, town.today) else worker
    circle = circle_round(town, worker, chance)
    story = new_story(
        chance, town.behaviours.caseload, today=town.today, worker=worker, circle=circle, sibling_of=sibling
    )
    acts.open_case(town, story, sibling.case_id if sibling else None)


def open_double(town: Town, seed: int, load: dict[UUID, int], open_now: Sequence[UUID]) -> None:
    """Let somebody who does not know of a case open another for the same child; `open_now` has the oldest first.

    It is for a child whose case began lately, so that neither plan is old. When there is none, it is for a new one.
    """
    chance = stream(seed, "case", len(town.stories))
    young = [town.stories[id_] for id_ in open_now[-_YOUNG:] if id_ not in town.doubled]
    known = [story for story in young if story.child.born_on]
    if not known:
        open_next(town, seed, load)
        return
    story = chance.choice(known)
    worker = _worker(town, {id_: load[id_] for id_ in load if id_ != story.worker} or load, chance)
    circle = tuple(circle_round(town, worker, chance))
    other = replace(story, worker=worker, circle=circle, chance=chance, written=set(), case_id=None)
    acts.open_case(town, other, None)
    town.doubled += [each.case_id for each in (story, other) if each.case_id is not None]


def _worker(town: Town, load: dict[UUID, int], chance: Chance) -> UUID:
    there = [worker for worker in load if town.office.is_in(worker, town.today)] or list(load)
    worker = min(chance.some(there, 2, 2), key=lambda each: load[each])
    load[worker] += 1
    return worker


def circle_round(town: Town, worker: UUID, chance: Chance) -> Sequence[UUID]:
    """Return who is round a child: some colleagues, and now and then somebody without an account."""
    colleagues = [each for each in town.office.workers if each != worker]
    found = chance.some(colleagues, 1, 3)
    outside = sorted(town.office.outside)
    if outside and chance.happens(min(1.0, town.behaviours.caseload.outside_share * 3)):
        found.append(chance.choice(outside))
    return found
