"""Ask a deployed decision a question of one's own: a designer's trial, about no case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.dmn import DecisionResult
from engine.errors import Invalid, NotPermitted
from engine.feel import Environment
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def evaluate(engine: ProcessEngine, *, actor: Actor, decision: str, inputs: Mapping[str, Any]) -> DecisionResult:
    """Answer `decision`, as deployed last, for `inputs` (JSON values; text like 2026-06-04 is a date).

    Nothing is kept. Raises `NotPermitted` for all but designers, `NotFound`, `Invalid` for a date that is none.
    """
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may try out rules")
    with viewing(engine, actor) as view:
        _, model = engine.library.decision(view.connection, view.authority, decision)
        host = engine.library.host(view.connection, view.authority)
        environment = Environment(now=view.now, zone=view.authority.zone, warnings=[], host=host)
        return model.evaluate(decision, {name: _value(name, value) for name, value in inputs.items()}, environment)


def _value(name: str, value: Any) -> Any:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Invalid(f"{name}: {value} is not a date", field=name) from error
