"""Exact decimal numbers: 34 digits, half-even rounding, exponents as in IEEE 754 decimal128."""

from __future__ import annotations

import decimal
import re
from decimal import ROUND_HALF_EVEN, Decimal

# DMN 1.5, 10.3.2.3.1: numbers are 34 decimal digits with the IEEE 754-2008 decimal128 exponents.
CONTEXT = decimal.Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
# For exact integer steps (scaling, remainders) on numbers whose exponents lie far apart.
WIDE = decimal.Context(prec=12_400, Emin=-20_000, Emax=20_000, traps=[decimal.InvalidOperation])
ArithmeticFault = decimal.DecimalException
ZERO = Decimal(0)
ONE = Decimal(1)
_TEXT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")


def parse_number(text: str) -> Decimal | None:
    """Return the number that `text` writes, rounded to 34 digits, or None when it is none or too large."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        return CONTEXT.create_decimal(text)
    except ArithmeticFault:
        return None


def number_text(value: Decimal) -> str:
    """Return the digits without an exponent or needless zeros: `1E+3` is `1000`, `1.50` is `1.5`."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_integer(value: Decimal) -> int | None:
    """Return the whole number, or None when there is a fraction."""
    if value != value.to_integral_value():
        return None
    return int(value)


def quantize(value: Decimal, scale: int, rounding: str) -> Decimal | None:
    """Round `value` to `scale` digits after the point (negative: before it); None outside -6111..6176.

    `rounding` is one of the `decimal` module's modes.
    """
    if not -6111 <= scale <= 6176:
        return None
    rounded = value.quantize(ONE.scaleb(-scale, context=WIDE), rounding=rounding, context=WIDE)
    try:
        return CONTEXT.plus(rounded)
    except ArithmeticFault:
        return None
