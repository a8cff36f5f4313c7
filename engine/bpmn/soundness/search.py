"""Every way that things can stand in a process, the least chosen first, with how each is come to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.soundness.game import Game
from engine.bpmn.soundness.standing import Move, Standing
from engine.bpmn.soundness.step import closure

MOST: Final = 12_000
"""How many ways that things can stand are looked at; a diagram with more is given up."""
_CROWD: Final = 3
"""More tokens than this on one step, come by one way, are tokens without end."""


@dataclass(slots=True)
class Searched:
    """What was found: how things can stand, by number, what leads on from there, and whether all was looked at.

    `choices` says for each how many conditions had to choose before it, at least; `came` from where and by what.
    """

    game: Game
    standings: list[Standing] = field(default_factory=list)
    numbers: dict[Standing, int] = field(default_factory=dict)
    onward: dict[int, list[int]] = field(default_factory=dict)
    choices: dict[int, int] = field(default_factory=dict)
    came: dict[int, tuple[int, Move] | None] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)
    passed: dict[int, int] = field(default_factory=dict)
    gave_up: bool = False

    def ended(self) -> set[int]:
        """Return the standing in which the process has ended, if it can."""
        return {self.numbers[()]} if () in self.numbers else set()

    def stuck(self) -> list[int]:
        """Return where some part can never move again, what takes the fewest choices first."""
        found = (number for number, each in enumerate(self.standings) if self.game.stuck(each))
        return sorted((number for number in found if number in self.onward), key=lambda each: self.choices[each])

    def leading_to(self, goals: Iterable[int], within: set[int] | None = None) -> set[int]:
        """Return from where one of `goals` can be come to, by way of `within` only, when given."""
        back: dict[int, list[int]] = {}
        for number, onward in self.onward.items():
            for each in onward:
                if within is None or number in within:
                    back.setdefault(each, []).append(number)
        return closure(goals, back)

    def way_to(self, number: int) -> tuple[Move, ...]:
        """Return the moves by which a standing was come to first."""
        moves: list[Move] = []
        came = self.came[number]
        while came is not None:
            number, move = came
            moves.append(move)
            came = self.came[number]
        return tuple(reversed(moves))


def search(game: Game, *, most: int = MOST, whole: bool = False) -> Searched:
    """Look at all ways that things can stand, at most about `most`.

    Tokens that have nothing to do with each other move one after the other, unless `whole`: their order makes no
    difference to where things end, and trying all orders would take for ever.
    """
    found = Searched(game)
    waiting: deque[int] = deque()
    for start in (*game.net.starts, *game.net.asides):
        waiting.append(_add(found, game.begin(start), 0, None))
    while waiting:
        number = waiting.popleft()
        if number in found.onward:
            continue
        if len(found.standings) >= most:
            found.gave_up = True
            found.unseen |= {number, *waiting} - found.onward.keys()
            break
        for target, chosen in _expand(found, number, whole):
            (waiting.append if chosen else waiting.appendleft)(target)
    return found


def _expand(found: Searched, number: int, whole: bool) -> Iterator[tuple[int, bool]]:
    """Note what leads on from a standing; give what has to be looked at next, and whether a choice led there."""
    standing, cost = found.standings[number], found.choices[number]
    onward = found.onward.setdefault(number, [])
    for token in standing:
        _note(found, token, number)
    if _crowded(standing):
        found.crowded.add(number)
        return
    for move in _next(found, standing, whole):
        for step in (move.step, *move.heard):
            found.passed.setdefault(step, number)
        new = move.then not in found.numbers
        target = _add(found, move.then, cost + move.choice, (number, move))
        onward.append(target)
        if new or found.choices[target] > cost + move.choice:
            found.choices[target], found.came[target] = cost + move.choice, (number, move)
            yield target, move.choice


def _next(found: Searched, standing: Standing, whole: bool) -> list[Move]:
    """Return the moves to try: those of one token alone, when some of them lead to something new, else all."""
    if not whole and len(standing) > 1:
        for place in range(len(standing)):
            alone = found.game.moves_of(standing, place)
            if alone and any(move.then not in found.numbers for move in alone):
                return alone
    return found.game.moves(standing)


def _add(found: Searched, standing: Standing, choices: int, came: tuple[int, Move] | None) -> int:
    number = found.numbers.get(standing)
    if number is None:
        number = found.numbers[standing] = len(found.standings)
        found.standings.append(standing)
        found.choices[number], found.came[number] = choices, came
    return number


def _note(found: Searched, token: tuple[int, int, int, Standing], number: int) -> None:
    """Note that a token stood on a step; one that only waits at a join has not passed it."""
    if token[1] < 0:
        found.passed.setdefault(token[0], number)
    for inner in token[3]:
        _note(found, inner, number)


def _crowded(standing: Standing) -> bool:
    # At a join those that came by other ways are no crowd.
    counts = Counter(token[:2] for token in standing)
    return any(count > _CROWD for count in counts.values()) or any(_crowded(token[3]) for token in standing if token[3])


def twice(standing: Standing) -> Iterator[int]:
    """Give the steps on which several tokens stand at once, those that wait at joins left out."""
    counts = Counter(token[0] for token in standing if token[1] < 0)
    yield from (step for step, count in counts.items() if count > 1)
    for token in standing:
        yield from twice(token[3])
