"""Runs a pattern's program over a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.errors import BudgetExceeded
from engine.feel.patterns.program import BACK, DONE, JUMP, ONE, SAVE, SPLIT, START, Program

# Two places for each group, its start and its end; group 0 is the whole match. None: took no part.
Match: TypeAlias = tuple[int | None, ...]
MAX_CHOICES = 400_000


def search(program: Program, text: str, start: int = 0, spend: Callable[[int], None] | None = None) -> Match | None:
    """Return the first match at or after `start`, or None.

    `spend` is charged one step for each choice taken. Raises `BudgetExceeded` after 400,000 choices.
    """
    # Whether a choice at a place can lead to a match does not depend on how it was reached, so one that
    # failed is never tried again. Back-references break that: then what the groups hold counts too.
    failed: set[object] = set()
    for begin in range(start, len(text) + 1):
        found = _match(program, text, begin, failed)
        if spend is not None:
            spend(1 + (len(failed) >> 12))
        if found is not None:
            return found
    if spend is not None:
        spend(len(failed))
    return None


def find_all(program: Program, text: str, spend: Callable[[int], None]) -> Iterator[Match]:
    """Yield the matches one after another, none overlapping; stops at one of no length."""
    start = 0
    while True:
        found = search(program, text, start, spend)
        if found is None or found[1] is None or found[1] == found[0]:
            return
        yield found
        start = found[1]


def _match(program: Program, text: str, begin: int, failed: set[object]) -> Match | None:
    steps, length, tracked = program.steps, len(text), program.back_references
    saved: Match = (None,) * (2 * program.groups + 2)
    pending: list[tuple[int, int, Match]] = [(0, begin, saved)]
    while pending:
        step, place, saved = pending.pop()
        while True:
            operation, first, second = steps[step]
            if operation == ONE:
                if place == length or not first(text[place]):
                    break
                place += 1
                step += 1
            elif operation == SPLIT:
                key: object = (step, place, saved) if tracked else step * (length + 1) + place
                if key in failed:
                    break
                failed.add(key)
                _check(len(failed))
                pending.append((second, place, saved))
                step = first
            elif operation == JUMP:
                step = first
            elif operation == SAVE:
                saved = (*saved[:first], place, *saved[first + 1 :])
                step += 1
            elif operation == DONE:
                return saved
            else:
                moved = _special(program, text, place, saved, operation, first)
                if moved is None:
                    break
                place = moved
                step += 1
    return None


def _check(choices: int) -> None:
    if choices > MAX_CHOICES:
        raise BudgetExceeded("Matching this pattern takes too long", limit=MAX_CHOICES, what="pattern")


def _special(program: Program, text: str, place: int, saved: Match, operation: int, group: int) -> int | None:
    """Return the place after an anchor or a back-reference, or None when it does not hold here."""
    if operation == START:
        return place if place == 0 or (program.lines and text[place - 1] == "\n") else None
    if operation != BACK:
        return place if place == len(text) or (program.lines and text[place] == "\n") else None
    low, high = saved[2 * group], saved[2 * group + 1]
    if low is None or high is None:
        return place
    wanted, found = text[low:high], text[place : place + high - low]
    if program.ignore_case:
        wanted, found = wanted.casefold(), found.casefold()
    return place + high - low if wanted == found else None
