"""The kinds of figures in `behaviours`: when a task gets done, which answer is given, which day, which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from types import MappingProxyType
from typing import Final

NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a task gets done, told from its due day.

    `on_time` is the share done by then; the others are late by `late_days` on average. `stuck` is the share that
    nobody touches for about `stuck_days`. What is done in time is done within `within` of the time there is, 1 being
    all of it; with `on_the_day` it is not done before the due day, as a meeting is not.
    """

    on_time: float = 0.85
    late_days: float = 4.0
    stuck: float = 0.015
    stuck_days: float = 40.0
    within: float = 1.0
    on_the_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How often each answer to a question is given. An answer that the form does not offer is passed over.

    `form` limits it to one form ("" for all), `when` to what was answered before on the same form or is known of the
    case: `open_actions` is "some" or "none"; `sharing`, of what somebody starts, "goes_on" or "stopped"; `speaks`,
    whose consent it is, "parent" or "young_person". The first that fits is used. For a question that need not be
    answered, and is neither a choice of one nor a box to tick, "yes" and "no" say how often it is.
    """

    field: str
    weights: Mapping[str, float]
    form: str = ""
    when: Mapping[str, str] = made(default_factory=lambda: NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Which day is answered: `least` to `most` working days from today, kept within what the form allows.

    With `before`, a day that the task knows of, it is so many before that one, while there is time for it; else the
    next row that fits is used.
    """

    field: str
    least: int
    most: int
    form: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Which rule of the word list a text is written by; `when` as for a choice. The first that fits is used."""

    field: str
    rule: str
    form: str = ""
    when: Mapping[str, str] = made(default_factory=lambda: NONE)
