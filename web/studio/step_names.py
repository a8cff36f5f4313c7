"""What the steps of a diagram are called in lists, steps of one name told apart by what comes before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from engine.outlines.reading import Outline, Step, all_in

_LOOKED_BACK: Final = 3
"""How many steps back are named to tell steps of one name apart."""


def names_of(processes: Iterable[Outline]) -> dict[str, str]:
    """Return the name of each step by its id, without one the words of its id."""
    return {each.id: _called(each) for each in _all(processes)}


def told_apart(processes: Iterable[Outline]) -> dict[str, str]:
    """Return what `names_of` does, with "(after: ...)" where several steps have one name."""
    steps = _all(processes)
    names = {each.id: _called(each) for each in steps}
    before = {way.target_id: each.id for each in reversed(steps) for way in each.onward}
    before |= {event.id: each.id for each in steps for event in each.events}
    apart = dict(names)
    for name, number in Counter(names.values()).items():
        if number > 1:
            apart |= _apart([id_ for id_, own in names.items() if own == name], names, before)
    return apart


def _apart(ids: list[str], names: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return steps of one name with what comes before each, as far back as it takes; its id where nothing tells."""
    told, at, behind = dict[str, str](), dict(zip(ids, ids, strict=True)), dict[str, tuple[str, ...]]()
    for _ in range(_LOOKED_BACK):
        at = {id_: before[place] for id_, place in at.items() if id_ not in told and place in before}
        behind |= {id_: (names[place], *behind.get(id_, ())) for id_, place in at.items()}
        alike = Counter(behind[id_] for id_ in at)
        told |= {id_: f"{names[id_]} (after: {', then '.join(behind[id_])})" for id_ in at if alike[behind[id_]] == 1}
    return {id_: told.get(id_, f"{names[id_]} ({id_})") for id_ in ids}


def _all(processes: Iterable[Outline]) -> list[Step]:
    return [each for process in processes for step in process.steps for each in all_in(step)]


def _called(step: Step) -> str:
    return step.name if step.name != step.id else step.id.replace("_", " ")
