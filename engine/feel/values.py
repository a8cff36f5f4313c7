"""FEEL's kinds of value.

number: `Decimal`. string: `str`. boolean: `bool`. null: None. list: `list`. context: `dict` with str keys.
date, time, date and time, durations: see `engine.feel.temporal`. range: `FeelRange`. function: `FeelFunction`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.feel.environment import Runtime

Value: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class FeelRange:
    """The values from `start` to `end`.

    A None end is unbounded. `operator` is the sign of a range written as `(< 5)` and None for `[a..b]`;
    `(!= 5)` holds everything but its `start`.
    """

    start: Value
    start_included: bool
    end: Value
    end_included: bool
    operator: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function as a value: a built-in, one written in FEEL, a knowledge model or a host function.

    `invoke` takes the runtime and one value for each parameter. `required` counts the parameters that
    must be given (None: all of them); `variadic` gathers any further arguments. `domain` and `result`
    hold the types written at the definition, None where none is written.
    """

    name: str
    parameters: tuple[str, ...]
    invoke: Callable[[Runtime, Sequence[Value]], Value]
    required: int | None = None
    variadic: bool = False
    domain: tuple[Any, ...] | None = None
    result: Any = None


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function lent by the host, such as `working days between`.

    `call` takes the `Environment` and then one FEEL value for each parameter. It must return a FEEL
    value (see `to_feel`), and None with a warning of its own for arguments it cannot use.

    `fixed` says that its answer depends on its arguments and on the environment's host alone, and never
    differs between hosts of one `fixed_key`, so that it may be kept. `fixed_key` is an attribute that a host may
    have, hashable; without it, or where it is None, nothing is kept.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Value]
    fixed: bool = False
