"""How open work is shared out among those who could do it: pure, explained, nobody's choice taken from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who could be given work. `work` is how much they have: plans they lead and open tasks, added up.

    `weekly_hours` is what they have promised to this work, None when nobody has said; `covers` are those who are away
    and for whom they stand in.
    """

    id: UUID
    name: str
    agency_id: UUID | None
    roles: frozenset[str]
    work: int
    weekly_hours: int | None = None
    covers: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of work to be given to somebody; `key` names it. `holder` has it now, None for a queue."""

    key: UUID
    case_id: UUID
    holder: UUID | None
    agency_id: UUID | None
    roles: frozenset[str]


def usual_hours(hours: Iterable[int | None]) -> float:
    """Return the hours counted for who has not said: the middle of the others', 1 where nobody has."""
    known = [each for each in hours if each]
    return float(median(known)) if known else 1.0


def per_hour(work: int, weekly_hours: int | None, usual: float) -> float:
    """Return how much work somebody has for each hour a week."""
    return work / (weekly_hours or usual)


def have_room(loads: Mapping[UUID, float]) -> frozenset[UUID]:
    """Return whoever has less work for their hours than the middle of those given who have any."""
    carried = [load for load in loads.values() if load]
    if not carried:
        return frozenset()
    middle = median(carried)
    return frozenset(who for who, load in loads.items() if load < middle)


def fits(wanted: Wanted, helper: Helper) -> bool:
    """Tell whether somebody is of the agency of who has a piece of work, and has a role of theirs."""
    same_agency = wanted.agency_id is None or helper.agency_id == wanted.agency_id
    return helper.id != wanted.holder and same_agency and bool(helper.roles & wanted.roles)


def allot(
    wanted: Sequence[Wanted], helpers: Sequence[Helper], may: Callable[[Wanted, Helper], bool]
) -> Mapping[UUID, UUID]:
    """Propose somebody for each piece of work: of those who fit and `may`, whoever has least for their hours then.

    Who covers the holder comes before them, until they would have more than the fullest of those who could take it. So
    nobody goes past the fullest unless all would. The work is taken in the order given; what nobody may be given is
    left out. Equal loads go by name.
    """
    usual = usual_hours(each.weekly_hours for each in helpers)
    load = {each.id: each.work for each in helpers}
    before = {each.id: per_hour(each.work, each.weekly_hours, usual) for each in helpers}
    found: dict[UUID, UUID] = {}
    for each in wanted:
        able = [helper for helper in helpers if fits(each, helper) and may(each, helper)]
        if able:
            fullest = max(before[one.id] for one in able)
            cover = [
                one for one in able
                if each.holder in one.covers and per_hour(load[one.id] + 1, one.weekly_hours, usual) <= fullest
            ]  # fmt: skip
            best = min(
                cover or able, key=lambda one: (per_hour(load[one.id], one.weekly_hours, usual), one.name, one.id)
            )
            load[best.id] += 1
            found[each.key] = best.id
    return found
