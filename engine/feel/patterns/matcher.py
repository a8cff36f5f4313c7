"""Runs a pattern's program over a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.errors import BudgetExceeded
from engine.feel.patterns.program import BACK, DONE, JUMP, ONE, SAVE, SPLIT, START, Program

# Two places for each group, its start and its end; group 0 is the whole match. None: took no part.
Match: TypeAlias = tuple[int | None, ...]
MAX_WORK = 1_500_000
MAX_CHOICES = 300_000


def search(program: Program, text: str, start: int = 0, spend: Callable[[int], None] | None = None) -> Match | None:
    """Return the first match at or after `start`, or None.

    `spend` is charged half a step for each step of the program. Raises `BudgetExceeded` after a million
    and a half of those.
    """
    run = _Run(program, text)
    found = None
    for begin in range(start, len(text) + 1):
        found = run.match(begin)
        if found is not None:
            break
    if spend is not None:
        spend(run.work >> 1)
    return found


def find_all(program: Program, text: str, spend: Callable[[int], None]) -> Iterator[Match]:
    """Yield the matches one after another, none overlapping; stops at one of no length."""
    start = 0
    while True:
        found = search(program, text, start, spend)
        if found is None or found[1] is None or found[1] == found[0]:
            return
        yield found
        start = found[1]


class _Run:
    """One search: what has failed already, and how much work was done."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.text = text
        # Whether a choice at a place can lead to a match does not depend on how it was reached, so one
        # that failed is never tried again. Back-references break that: then what the groups hold counts.
        self.failed: set[object] = set()
        self.work = 0

    def match(self, begin: int) -> Match | None:
        """Return the match that starts at `begin`, or None."""
        saved: Match = (None,) * (2 * self.program.groups + 2)
        pending: list[tuple[int, int, Match]] = [(0, begin, saved)]
        while pending:
            found = self.follow(pending.pop(), pending)
            if self.work > MAX_WORK or len(self.failed) > MAX_CHOICES:
                raise BudgetExceeded("Matching this pattern takes too long", limit=MAX_WORK, what="pattern")
            if found is not None:
                return found
        return None

    def follow(self, state: tuple[int, int, Match], pending: list[tuple[int, int, Match]]) -> Match | None:
        """Follow one path until it matches or fails, leaving its other choices in `pending`."""
        steps, text, length = self.program.steps, self.text, len(self.text)
        step, place, saved = state
        while True:
            operation, first, second = steps[step]
            self.work += 1
            step += 1
            if operation == ONE:
                self.work += second
                if place == length or not first(text[place]):
                    return None
                place += 1
            elif operation == SPLIT:
                key = self.key(step, place, saved)
                if key in self.failed or len(self.failed) > MAX_CHOICES:
                    return None
                self.failed.add(key)
                pending.append((second, place, saved))
                step = first
            elif operation == JUMP:
                step = first
            elif operation == SAVE:
                self.work += len(saved) >> 3
                saved = (*saved[:first], place, *saved[first + 1 :])
            elif operation == DONE:
                return saved
            else:
                moved = self.special(operation, first, place, saved)
                if moved is None:
                    return None
                place = moved

    def key(self, step: int, place: int, saved: Match) -> object:
        """Return what tells this choice from others."""
        if self.program.back_references:
            return step, place, saved
        return step * (len(self.text) + 1) + place

    def special(self, operation: int, group: int, place: int, saved: Match) -> int | None:
        """Return the place after an anchor or a back-reference, or None when it does not hold here."""
        text, lines = self.text, self.program.lines
        if operation == START:
            return place if place == 0 or (lines and text[place - 1] == "\n") else None
        if operation != BACK:
            return place if place == len(text) or (lines and text[place] == "\n") else None
        low, high = saved[2 * group], saved[2 * group + 1]
        if low is None or high is None:
            return place
        self.work += high - low
        wanted, found = text[low:high], text[place : place + high - low]
        if self.program.ignore_case:
            wanted, found = wanted.casefold(), found.casefold()
        return place + high - low if wanted == found else None
