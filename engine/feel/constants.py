"""Tell which expressions say the same always, and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import BudgetExceeded
from engine.feel.compiler import Expression, UnaryTests
from engine.feel.environment import Environment
from engine.feel.functions import built_in_names
from engine.feel.nodes import Name, walk
from engine.feel.values import Value

ASK_THE_TIME: Final = frozenset({"today", "now"})
"""Built-ins that say something else at another time."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The value that an expression has whatever it is asked with; null too when it can only fail."""

    value: Value


def constant_of(expression: Expression) -> Constant | None:
    """Return the one value of an expression that reads no variable, no clock and no host function; else None.

    One that binds names of its own (`for`, `some`) or costs too much counts as not constant.
    """
    if expression.names_used or expression.names_possible:
        return None
    if not _names_in(expression) <= built_in_names() - ASK_THE_TIME:
        return None
    try:
        return Constant(expression.evaluate({}, Environment()))
    except BudgetExceeded:
        return None


def asks_the_time(compiled: Expression | UnaryTests) -> bool:
    """Tell whether an expression may say something else at another time."""
    return not _names_in(compiled).isdisjoint(ASK_THE_TIME)


def _names_in(compiled: Expression | UnaryTests) -> set[str]:
    """Return every name written in it, of variables and functions alike."""
    return {each.name for each in walk(compiled.node) if isinstance(each, Name)}
