"""Find expressions that can only ever come to something their place has no use for, and calls that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.bpmn.expressions import read_condition
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import Model
from engine.bpmn.lint.slots import Slot
from engine.bpmn.timers import is_iso, schedule
from engine.errors import Invalid, shown
from engine.feel import Expression, built_in_names, constant_of, nodes, to_plain

_EARLY: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What is out of range from here on is out of range from any later day."""


def constant_faults(model: Model, slot: Slot, expression: Expression) -> Iterator[Finding]:
    """Refuse a constant that is no time or no condition, and a call of what a variable holds."""
    for called in _called_of_variables(expression.node, expression.names_used):
        what = f"{slot.what} calls {shown(called)!r}, and there is no such function"
        yield model.error(slot.element, what, "use a FEEL function; a variable never holds one")
    if slot.read is read_condition:
        yield from _condition(model, slot, expression)
    elif slot.what == "the timer":
        yield from _timer(model, slot, expression)


def _condition(model: Model, slot: Slot, expression: Expression) -> Iterator[Finding]:
    found = constant_of(expression)
    if found is not None and not isinstance(found.value, bool):
        what = f"{slot.what} {shown(slot.text.strip())!r} is the same always, and never true or false"
        yield model.error(slot.element, what, "compare something with it, or correct the condition")
    for name in sorted(_uncalled(expression)):
        what = f"{slot.what} reads a variable {shown(name)!r}, and {name} is a function of FEEL as well"
        yield model.notice(slot.element, what, "give it its arguments in brackets if the function is meant")


def _timer(model: Model, slot: Slot, expression: Expression) -> Iterator[Finding]:
    text = slot.text.strip()
    plain = text.removeprefix("=").strip()
    if plain != text and is_iso(plain):
        yield model.error(
            slot.element, f"the timer's rule {shown(text)!r} is read as a sum", f"write {plain} without the ="
        )
        return
    found = constant_of(expression)
    if is_iso(text) or found is not None:
        try:
            value = text if found is None or is_iso(text) else to_plain(found.value)
            schedule(value, now=_EARLY, zone=ZoneInfo("UTC"), repeats=False)
        except Invalid as error:
            yield model.error(slot.element, error.message, "write a date (2026-06-04T09:00:00) or a duration (P10D)")


def _uncalled(expression: Expression) -> set[str]:
    """Return the built-in names that an expression reads as it would a variable."""
    return set(_read(expression.node)) & built_in_names()


def _read(part: Any) -> Iterator[str]:
    """Yield the names that an expression reads, those that it calls left out."""
    if isinstance(part, nodes.Name):
        yield part.name
    for each in nodes.parts(part):
        if not (isinstance(part, nodes.Call) and each is part.function and isinstance(each, nodes.Name)):
            yield from _read(each)


def _called_of_variables(part: Any, variables: frozenset[str]) -> Iterator[str]:
    """Yield, dotted, what an expression calls by a path that begins with a variable."""
    if isinstance(part, nodes.Call):
        names, source = [], part.function
        while isinstance(source, nodes.Path):
            names.append(source.name)
            source = source.source
        if names and isinstance(source, nodes.Name) and source.name in variables:
            yield ".".join([source.name, *reversed(names)])
    for each in nodes.parts(part):
        yield from _called_of_variables(each, variables)
