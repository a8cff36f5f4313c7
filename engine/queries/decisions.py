"""Ask a deployed decision a question of one's own: a designer's trial, about no case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.dmn import DecisionResult
from engine.dmn.tables import Column, DecisionTable
from engine.errors import Invalid, NotPermitted
from engine.explaining import Setting, explained
from engine.feel import Environment, to_plain
from engine.feel import nodes as n
from engine.process_engine import ProcessEngine
from engine.queries import rule_words, words
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

    @property
    def answer(self) -> str:
        """What was answered, in words."""
        return rule_words.value(to_plain(self.result.value))


@dataclass(frozen=True, slots=True)
class Question:
    """An input of a decision: its heading in the table, and texts that its cells name."""

    name: str
    heading: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision in force has to be told, in the order of its columns."""

    decision: str
    name: str
    definition_id: UUID
    questions: tuple[Question, ...]


def asked(engine: ProcessEngine, *, actor: Actor, decision: str) -> Asked:
    """Return what `decision`, as deployed last, has to be told. Raises `NotPermitted` for all but designers,
    `NotFound`.
    """
    _require_designer(actor)
    with viewing(engine, actor) as view:
        rules_id, model = engine.library.decision(view.connection, view.authority, decision)
        found = model.decision(decision)
        columns = found.logic.columns if isinstance(found.logic, DecisionTable) else ()
        by_name = {column.variable: column for column in columns if column.variable}
        order = [name for name in by_name if name in found.inputs_needed]
        questions = tuple(
            Question(name, by_name[name].label if name in by_name else words.plain(name), _named(by_name.get(name)))
            for name in [*order, *sorted(found.inputs_needed - set(order))]
        )
        return Asked(decision, found.name, rules_id, questions)


def _named(column: Column | None) -> tuple[str, ...]:
    """Return the texts that the cells of a column name, each once."""
    cells = [cell.tests.node for cell in column.cells if cell.tests is not None] if column is not None else []
    tests = [test for node in cells if isinstance(node, n.Tests) for test in node.tests]
    texts = [test.value for test in tests if isinstance(test, n.Literal) and isinstance(test.value, str)]
    return tuple(dict.fromkeys(texts))


def _require_designer(actor: Actor) -> None:
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may try out rules")


def evaluate(engine: ProcessEngine, *, actor: Actor, decision: str, inputs: Mapping[str, Any]) -> Tried:
    """Answer `decision`, as deployed last, for `inputs` (JSON values; text like 2026-06-04 is a date).

    Nothing is kept. Raises `NotPermitted` for all but designers, `NotFound`, `Invalid` for a date that is none.
    """
    _require_designer(actor)
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
