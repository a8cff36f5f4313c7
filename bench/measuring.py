"""Medians of acts measured in turns, so that other work on the machine touches all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything: whole, or a quick look."""

    rounds: int = 12
    acts_a_round: int = 25
    cycles: int = 1_000
    plans: int = 10_000
    timers: int = 1_000_000
    few_timers: int = 10_000
    open_tasks: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    fired: int = 1_000
    tasks_early: int = 1_000
    tasks_late: int = 10_000
    simulated_cases: int = 1_000
    simulated_days: int = 365
    tried_cases: int = 100_000
    rehearsed_cases: int = 10_000
    open_cases: int = 250_000


QUICK = Scale(
    rounds=4, acts_a_round=10, cycles=100, plans=1_000, timers=50_000, few_timers=5_000, fired=200,
    open_tasks=(10_000, 100_000), tasks_early=300,
    tasks_late=1_500, simulated_cases=60, simulated_days=120, tried_cases=10_000, rehearsed_cases=1_000,
    open_cases=30_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, on which database, the figure and what it must reach."""

    row: str
    measure: str
    database: str
    figure: str
    reach: str
    met: bool
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return every field as JSON values."""
        return asdict(self)


def in_turns(makers: Mapping[str, Callable[[], Iterable[Act]]], scale: Scale) -> dict[str, float]:
    """Return the median milliseconds of each kind of act.

    A maker is asked for a fresh batch of acts each round, outside the time measured; rounds alternate between the
    makers. The first round of each warms it up and is not counted.
    """
    spans: dict[str, list[float]] = {name: [] for name in makers}
    for round_ in range(scale.rounds + 1):
        for name, make in makers.items():
            measured = [timed(act) for act in make()]
            if round_:
                spans[name].extend(measured)
    return {name: median(found) for name, found in spans.items()}


def timed(act: Act) -> float:
    """Do `act` and return how many milliseconds it took."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def settled() -> None:
    """Collect garbage now, so that a part does not pay for the one before it."""
    gc.collect()
