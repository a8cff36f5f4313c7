"""What one text has that another has not: elements added, taken out, moved, and changed part by part."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.comparing.items import Item
from engine.comparing.outlines import outline_of

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something said of an element that changed; `was` or `now` is empty where it was not or is no longer said."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """One element that changed: its key (in a diagram its id), how it is called now, and what changed of it."""

    kind: Kind
    key: str
    called: str
    within: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that changed between two texts, what was taken out last.

    `only_drawn` tells that the texts differ and yet say the same: only how it is drawn or written changed. `problem`
    says why they cannot be compared element by element.
    """

    changes: tuple[Change, ...] = ()
    only_drawn: bool = False
    problem: str = ""


def differences(file: str, before: bytes | None, after: bytes | None) -> Differences:
    """Compare two texts of a file, None for one that is not there. Never raises for what is in them."""
    old, new = outline_of(file, before or b""), outline_of(file, after or b"")
    problem = (old.problem if before is not None else "") or (new.problem if after is not None else "")
    if problem:
        return Differences(problem=problem)
    was = {} if before is None else old.items
    now = {} if after is None else new.items
    found = compared(was, now)
    return Differences(found, only_drawn=not found and before != after)


def compared(was: Mapping[str, Item], now: Mapping[str, Item]) -> tuple[Change, ...]:
    """Return what changed between the elements of two texts, in the order of the newer one."""
    moved = _moved([key for key in was if key in now], [key for key in now if key in was])
    found = []
    for key, item in now.items():
        if key not in was:
            found.append(Change("added", key, item.called, item.within, _parts(None, item)))
        elif parts := _parts(was[key], item):
            found.append(Change("changed", key, item.called, item.within, parts))
        elif key in moved and item.follows:
            found.append(Change("moved", key, item.called, item.within))
    gone = (item for key, item in was.items() if key not in now)
    return (*found, *(Change("removed", item.key, item.called, item.within) for item in gone))


def _parts(was: Item | None, now: Item) -> tuple[Part, ...]:
    if was is None:
        return tuple(Part(name, "", said) for name, said in now.parts.items())
    renamed = []
    if was.what != now.what:
        renamed.append(Part("what it is", was.called, now.called))
    elif was.name != now.name and now.own_name:
        renamed.append(Part("name", was.name, now.name))
    names = dict.fromkeys((*now.parts, *was.parts))
    changed = [name for name in names if was.means(name) != now.means(name)]
    return (*renamed, *(Part(name, was.parts.get(name, ""), now.parts.get(name, "")) for name in changed))


def _moved(was: Sequence[str], now: Sequence[str]) -> frozenset[str]:
    """Return the fewest keys that have to move for the order of `was` to become that of `now`."""
    place = {key: number for number, key in enumerate(was)}
    order = [place[key] for key in now]
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for number, each in enumerate(order):
        at = bisect_left(tails, each)
        back.append(ends[at - 1] if at else -1)
        tails[at : at + 1], ends[at : at + 1] = [each], [number]
    stay, number = set(), ends[-1] if ends else -1
    while number >= 0:
        stay.add(now[number])
        number = back[number]
    return frozenset(now) - stay
