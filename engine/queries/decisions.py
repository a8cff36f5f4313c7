"""Ask a deployed decision a question of one's own: a designer's trial, about no case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.dmn import DecisionResult
from engine.errors import Invalid, NotPermitted
from engine.explaining import Setting, explained
from engine.feel import Environment
from engine.process_engine import ProcessEngine
from engine.queries.view import viewing
from engine.store import definitions

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a decision answered, in a sentence for each row of its table that matched, and by which rules file."""

    result: DecisionResult
    explained: tuple[str, ...]
    file: str
    version: int


def evaluate(engine: ProcessEngine, *, actor: Actor, decision: str, inputs: Mapping[str, Any]) -> Tried:
    """Answer `decision`, as deployed last, for `inputs` (JSON values; text like 2026-06-04 is a date).

    Nothing is kept. Raises `NotPermitted` for all but designers, `NotFound`, `Invalid` for a date that is none.
    """
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may try out rules")
    with viewing(engine, actor) as view:
        rules_id, model = engine.library.decision(view.connection, view.authority, decision)
        host = engine.library.host(view.connection, view.authority)
        environment = Environment(now=view.now, zone=view.authority.zone, warnings=[], host=host)
        given = {name: _value(name, value) for name, value in inputs.items()}
        result = model.evaluate(decision, given, environment)
        setting = Setting(view.today, view.authority.calendar, host.time_limit, given)
        stored = definitions.load(view.connection, rules_id)
        return Tried(result, tuple(explained(model, decision, result, setting)), stored.file, stored.version)


def _value(name: str, value: Any) -> Any:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Invalid(f"{name}: {value} is not a date", field=name) from error
