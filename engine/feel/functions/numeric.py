"""Built-ins on numbers."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.numbers import CONTEXT, WIDE, as_integer, quantize
from engine.feel.temporal import DaysTime, YearsMonths
from engine.feel.values import Value


def _rounding(name: str, mode: str, *parameters: str) -> None:
    @define(name, *parameters)
    def _(_: Runtime, number: Decimal, scale: Decimal | None = None) -> Value:
        places = 0 if scale is None else int(scale)
        return quantize(number, places, mode)


_rounding("decimal", ROUND_HALF_EVEN, "n:number", "scale:number")
_rounding("floor", ROUND_FLOOR, "n:number", "scale:number=")
_rounding("ceiling", ROUND_CEILING, "n:number", "scale:number=")
_rounding("round up", ROUND_UP, "n:number", "scale:number")
_rounding("round down", ROUND_DOWN, "n:number", "scale:number")
_rounding("round half up", ROUND_HALF_UP, "n:number", "scale:number")
_rounding("round half down", ROUND_HALF_DOWN, "n:number", "scale:number")


@define("abs", "n:number")
def _abs(_: Runtime, number: Decimal) -> Value:
    return number.copy_abs()


@define("abs", "n:duration")
def _abs_duration(_: Runtime, duration: DaysTime | YearsMonths) -> Value:
    if isinstance(duration, DaysTime):
        return DaysTime(abs(duration.nanos))
    return YearsMonths(abs(duration.months))


@define("modulo", "dividend:number", "divisor:number")
def _modulo(_: Runtime, dividend: Decimal, divisor: Decimal) -> Value:
    if divisor == 0:
        return None
    # DMN 1.5, table 77: dividend - divisor * floor(dividend / divisor); the sign is the divisor's.
    rest = WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) is not (divisor < 0):
        rest = WIDE.add(rest, divisor)
    return CONTEXT.plus(rest)


@define("sqrt", "number:number")
def _sqrt(_: Runtime, number: Decimal) -> Value:
    return CONTEXT.sqrt(number) if number >= 0 else None


@define("log", "number:number")
def _log(_: Runtime, number: Decimal) -> Value:
    return CONTEXT.ln(number) if number > 0 else None


@define("exp", "number:number")
def _exp(_: Runtime, number: Decimal) -> Value:
    return CONTEXT.exp(number)


@define("odd", "number:number")
def _odd(_: Runtime, number: Decimal) -> Value:
    whole = as_integer(number)
    return None if whole is None else whole % 2 == 1


@define("even", "number:number")
def _even(_: Runtime, number: Decimal) -> Value:
    whole = as_integer(number)
    return None if whole is None else whole % 2 == 0
