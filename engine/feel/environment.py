"""What surrounds one evaluation: the day it is, the warnings it leaves, and the limits it must keep.

A `Runtime` lives for one evaluation only. Everything else here is shared and immutable, apart from the
caller's own list of warnings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.errors import BudgetExceeded, Invalid

MAX_WARNINGS = 100
OF_NULL: Final = "null-operand"
"""The code of warnings that only say that a value is not known."""
# What walks over a value call for each part of it: lists that share parts can unfold without end.
Spend = Callable[[int], None]


class FeelSyntaxError(Invalid):
    """The text is not FEEL. `details` holds `text`, `line` and `column` (both from 1)."""


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Says why an expression, or part of one, came to null.

    `position` is the offset in the expression's text, or None when the place is not known.
    """

    code: str
    message: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Fixes how much one expression may ask for. Overruns raise `BudgetExceeded`.

    A step is about one node of the expression evaluated inside a loop; two million take well under a
    second. Lengths of text count characters, lengths of lists count items.
    """

    text_length: int = 100_000
    nesting: int = 60
    steps: int = 2_000_000
    calls: int = 100
    range_size: int = 200_000
    list_length: int = 1_000_000
    string_length: int = 1_000_000
    pattern_length: int = 2_000


DEFAULT = Budget()


@dataclass(frozen=True, slots=True)
class Environment:
    """The world as one evaluation sees it.

    `now` is an aware instant (None: `now()` and `today()` are null); `zone` is where local days are
    counted; `warnings` collects what came to null and why; `host` is handed to host functions, which
    reach the working-day calendar through it.
    """

    now: datetime | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    warnings: list[FeelWarning] = field(default_factory=list)
    host: Any = None

    def local_now(self) -> datetime | None:
        """Return `now` in `zone`, or None when no instant was given."""
        if self.now is None:
            return None
        instant = self.now if self.now.tzinfo is not None else self.now.replace(tzinfo=UTC)
        return instant.astimezone(self.zone)


class Runtime:
    """Counts the steps and calls of one evaluation and takes its warnings."""

    __slots__ = ("budget", "calls", "environment", "steps")

    def __init__(self, environment: Environment, budget: Budget) -> None:
        self.environment = environment
        self.budget = budget
        self.steps = budget.steps
        self.calls = 0

    def warn(self, code: str, message: str, position: int | None = None) -> None:
        """Record a warning; after the first hundred further ones are dropped."""
        warnings = self.environment.warnings
        if len(warnings) < MAX_WARNINGS:
            warnings.append(FeelWarning(code, message, position))

    def spend(self, steps: int) -> None:
        """Take `steps` from what is left, or raise `BudgetExceeded`."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceeded("The expression needs more steps than allowed", limit=self.budget.steps, what="steps")

    def check_list(self, length: int) -> None:
        """Charge for a list of `length` items, or raise `BudgetExceeded`."""
        if length > self.budget.list_length:
            raise BudgetExceeded("The expression makes too long a list", limit=self.budget.list_length, what="list")
        self.spend(1 + (length >> 3))

    def check_string(self, length: int) -> None:
        """Charge for a string of `length` characters, or raise `BudgetExceeded`."""
        if length > self.budget.string_length:
            limit = self.budget.string_length
            raise BudgetExceeded("The expression makes too long a string", limit=limit, what="string")
        self.spend(1 + (length >> 4))

    def enter(self) -> None:
        """Count one function call deeper, or raise `BudgetExceeded`. Pair with `leave`."""
        self.calls += 1
        if self.calls > self.budget.calls:
            raise BudgetExceeded("Functions call each other too deeply", limit=self.budget.calls, what="calls")
        self.spend(4)

    def leave(self) -> None:
        """Count one function call back."""
        self.calls -= 1


def fresh_spend(steps: int = DEFAULT.steps) -> Spend:
    """Return a counter of its own for work outside an evaluation."""
    return Runtime(Environment(), Budget(steps=steps)).spend
