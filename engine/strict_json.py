"""Read JSON that somebody wrote by hand: bounded size and depth, each name once, numbers that are numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from engine.errors import Invalid, shown

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 30
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: NUL, and halves of characters."""
_NOT_IN_A_NAME: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, with names that stand in it twice."""


class NoNumber(str):
    """What stands where a number should, and is none."""


def read_json_file(path: Path) -> Any:
    """Return what a JSON file holds. Raises `Invalid` naming the file, and the field where it is one."""
    try:
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", file=str(path)) from error
    return read_json(source, name=str(path))


def read_json(source: bytes | str, *, name: str) -> Any:
    """Return what JSON text holds; `name` is that of its file or option, for messages.

    Raises `Invalid` (details: `file`, `field`) when it is no JSON in UTF-8, larger than `MAX_BYTES`, deeper than
    `MAX_DEPTH`, names a field twice, or holds a number or a character that cannot be kept.
    """
    if len(source) > MAX_BYTES:
        raise Invalid(f"{name}: this is larger than {MAX_BYTES // 1_000_000} MB", file=name)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        found = read_unchecked(text, pairs=_Pairs)
    except UnicodeDecodeError as error:
        raise Invalid(f"{name}: this is not text in UTF-8; save it again as UTF-8", file=name) from error
    except RecursionError as error:
        raise _too_deep(name, "") from error
    except ValueError as error:
        raise Invalid(f"{name}: this cannot be read as JSON: {error}", file=name) from error
    return _checked(found, name, "", 1)


def read_unchecked(text: str, *, pairs: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    """Return what JSON text holds, with a `NoNumber` wherever a number stands that cannot be kept, NaN among them.

    `pairs` makes an object of its names and values. Raises `ValueError`, `RecursionError` as `json.loads` does.
    """
    return json.loads(text, object_pairs_hook=pairs, parse_constant=NoNumber, parse_int=_whole, parse_float=_fraction)


def _whole(text: str) -> Any:
    return int(text) if len(text) <= MAX_DIGITS else NoNumber(text)


def _fraction(text: str) -> Any:
    number = float(text)
    return number if abs(number) < float("inf") and len(text) <= 2 * MAX_DIGITS else NoNumber(text)


def _checked(found: Any, name: str, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _too_deep(name, where)
    if isinstance(found, _Pairs):
        return _object(found, name, where, depth)
    if isinstance(found, list):
        return [_checked(each, name, f"{where}[{number}]", depth + 1) for number, each in enumerate(found)]
    if isinstance(found, NoNumber):
        raise _wrong(name, where, f"{shown(found)} is no number that can be kept")
    if isinstance(found, str) and _UNSTORABLE.search(found):
        raise _wrong(name, where, "this text holds a character that cannot be kept")
    return found


def _object(pairs: _Pairs, name: str, where: str, depth: int) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for key, value in pairs:
        if _NOT_IN_A_NAME.search(key):
            raise _wrong(name, where, "a name in it holds a character that cannot be kept")
        inside = f"{where}.{key}" if where else key
        if key in whole:
            raise _wrong(name, inside, "this is given twice")
        whole[key] = _checked(value, name, inside, depth + 1)
    return whole


def _too_deep(name: str, where: str) -> Invalid:
    return _wrong(name, where[:100], f"this is nested more than {MAX_DEPTH} deep")


def _wrong(name: str, where: str, said: str) -> Invalid:
    return Invalid(f"{name}: {where}: {said}" if where else f"{name}: {said}", file=name, field=where)
