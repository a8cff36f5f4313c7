"""Read a council's own figures: a JSON object that says only what is different from the figures shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import Invalid
from engine.simulation.behaviour_kinds import Choice, Day, Timing, Words
from engine.simulation.behaviours import DEFAULT, Behaviours
from engine.strict_json import read_json_file

_ROWS: Mapping[str, type[Choice | Day | Words]] = {"choices": Choice, "days": Day, "words": Words}


def read_behaviours(path: Path) -> Behaviours:
    """Return the figures shipped with those of a JSON file in their place.

    Names are those of `engine.simulation.behaviours`: `{"life": {"concern": 0.1}, "timings": {"hold_review":
    {"on_time": 0.6}}, "choices": [{"form": "record_consent", "field": "consent", "weights": {"refused": 1}}]}`. Rows
    of `choices`, `days` and `words` go before the shipped ones. Raises `Invalid` naming what is not known or of
    another kind.
    """
    behaviours: Behaviours = _changed(DEFAULT, _object(read_json_file(path), str(path)), "")
    return behaviours


def _changed(value: Any, found: Mapping[str, Any], where: str) -> Any:
    known = {each.name: getattr(value, each.name) for each in fields(value)}
    new = {name: _read(known, name, given, f"{where}{name}") for name, given in found.items()}
    return replace(value, **new)


def _read(known: Mapping[str, Any], name: str, given: Any, where: str) -> Any:
    if name not in known:
        raise Invalid(f"{where}: there is no such figure; known are {', '.join(known)}", field=where)
    if name in _ROWS:
        return (*(_row(_ROWS[name], each, where) for each in _list(given, where)), *known[name])
    if name == "timings":
        timings = known[name]
        inside = _object(given, where)
        return {**timings, **{form: _timing(timings, form, each, where) for form, each in inside.items()}}
    if name in ("starts", "pathways"):
        inside = _object(given, where)
        return {**known[name], **{process: _like(0.0, rate, f"{where}.{process}") for process, rate in inside.items()}}
    if is_dataclass(known[name]):
        return _changed(known[name], _object(given, where), f"{where}.")
    return _like(known[name], given, where)


def _timing(timings: Mapping[str, Timing], form: str, given: Any, where: str) -> Any:
    return _changed(timings.get(form, Timing()), _object(given, f"{where}.{form}"), f"{where}.{form}.")


def _row(kind: type[Choice | Day | Words], given: Any, where: str) -> Any:
    try:
        row = kind(**_object(given, where))
    except TypeError as error:
        names = ", ".join(each.name for each in fields(kind))
        raise Invalid(f"{where}: one of these rows is not made of {names}", field=where) from error
    for each in fields(kind):
        value = getattr(row, each.name)
        if each.name in ("weights", "when"):
            _object(value, f"{where}.{each.name}")
        else:
            _like(0 if each.name in ("least", "most") else "", value, f"{where}.{each.name}")
    if isinstance(row, Choice | Words):
        for field, answer in row.when.items():
            _like("", answer, f"{where}.{row.field}.when.{field}")
    if isinstance(row, Choice):
        for answer, weight in row.weights.items():
            _like(0.0, weight, f"{where}.{row.field}.{answer}")
        if not any(row.weights.values()):
            raise Invalid(f"{where}.{row.field}.weights: give at least one answer a weight above 0", field=where)
    if isinstance(row, Day) and row.least > row.most:
        raise Invalid(f"{where}.{row.field}: least is more than most", field=where)
    return row


def _like(known: Any, given: Any, where: str) -> Any:
    if isinstance(known, bool) or isinstance(given, bool):
        right = isinstance(known, bool) and isinstance(given, bool)
    elif isinstance(known, int | float):
        right = isinstance(given, int | float) and given >= 0 and (isinstance(given, int) or isinstance(known, float))
    elif isinstance(known, tuple):
        return tuple(_like(0.0, each, where) for each in _list(given, where, exactly=len(known)))
    else:
        right = isinstance(given, str)
    if not right:
        raise Invalid(f"{where}: this must be of the same kind as {known!r}, and not below 0", field=where)
    return given


def _object(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise Invalid(f"{where}: this must be a JSON object", field=where)
    return given


def _list(given: Any, where: str, *, exactly: int | None = None) -> list[Any]:
    if not isinstance(given, list) or (exactly is not None and len(given) != exactly):
        raise Invalid(f"{where}: this must be a list{f' of {exactly}' if exactly else ''}", field=where)
    return given
