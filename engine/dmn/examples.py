"""Run examples against a decision, and say of one that is not kept what was expected, what came, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engine.dmn.example_file import Example, ExampleFile
from engine.dmn.explaining import asked_by_row, ruled_out_by
from engine.dmn.model import Decision, DecisionModel
from engine.dmn.results import ROW, DecisionResult, MatchedRow, row_in_words
from engine.dmn.tables import DecisionTable
from engine.errors import EngineError, shown
from engine.feel import Environment, equal, literal_text

MOST_ROWS_TOLD = 3

Surround = Callable[[Example], Environment]
"""Makes the environment that an example is asked in: its day, its limits."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one example: `problems` are sentences, none when it is kept. `matched` are ids of rows."""

    example: Example
    problems: tuple[str, ...]
    matched: frozenset[str]


def wrong_names(examples: ExampleFile, model: DecisionModel) -> Iterator[tuple[str, str]]:
    """Yield (example, sentence) for inputs, outputs and rows that the decision does not have. Raises `NotFound`."""
    decision = model.decision(examples.decision)
    inputs = {name.partition(".")[0] for name in decision.inputs_needed} | decision.inputs_needed
    table = decision.logic if isinstance(decision.logic, DecisionTable) else None
    for example in examples.examples:
        for name in example.inputs:
            if name not in inputs:
                yield example.name, f"'{shown(name)}' is no input of the decision{_meant(name, inputs)}"
        rows = _row_names(table)
        for row in example.rows or ():
            if row not in rows:
                yield example.name, f"the decision's table has no row '{shown(row)}'{_meant(row, rows)}"
        outputs = set(table.outputs) if table is not None and len(table.outputs) > 1 else set()
        for name in _outputs_named(example.answer) if outputs else ():
            if name not in outputs:
                yield example.name, f"'{shown(name)}' is no output of the decision{_meant(name, outputs)}"


def run(examples: ExampleFile, model: DecisionModel, surround: Surround) -> Iterator[Outcome]:
    """Ask the decision for each example, in order. Raises `NotFound` when the model has no such decision."""
    decision = model.decision(examples.decision)
    for example in examples.examples:
        try:
            result = model.evaluate(decision.id, example.inputs, surround(example))
        except EngineError as error:
            yield Outcome(example, (error.message,), frozenset())
            continue
        own = result.own_rows
        problems = tuple(_problems(example, decision, model, result, own, surround))
        yield Outcome(example, problems, frozenset(row.rule or str(row.row) for row in own))


def never_matched(outcomes: Sequence[Outcome], model: DecisionModel, decision: str) -> list[str]:
    """Return the rows of the decision's table, by id or number, that no example reaches."""
    table = model.decision(decision).logic
    reached = frozenset[str]().union(*(each.matched for each in outcomes))
    rules = table.rules if isinstance(table, DecisionTable) else ()
    return [name for number, rule in enumerate(rules, 1) if (name := rule.id or str(number)) not in reached]


def _problems(
    example: Example, decision: Decision, model: DecisionModel, result: DecisionResult, own: Sequence[MatchedRow],
    surround: Surround,
) -> Iterator[str]:  # fmt: skip
    yield from (f"a warning: {warning.message}" for warning in result.warnings[:MOST_ROWS_TOLD])
    wrong_answer = any(not _is_like(expected, result.value) for expected in example.answer)
    if wrong_answer:
        expected = example.answer[0]
        yield f"expected {literal_text(expected)}, got {literal_text(_part(result.value, expected))}"
    missing, strange = _rows_apart(example, own)
    if missing or strange:
        got = row_labels(decision, [row.rule or str(row.row) for row in own])
        yield f"expected {_rows_text(row_labels(decision, example.rows or ()))}, got {_rows_text(got)}"
    for row in (strange if example.rows is not None else own if wrong_answer else [])[:MOST_ROWS_TOLD]:
        yield f"row {row_in_words(row.annotations, row.row, row.rule)} matched: {asked_by_row(decision, row)}"
    for name in missing[:MOST_ROWS_TOLD]:
        number = _number(decision, name)
        ruled_out = ruled_out_by(model, decision, number, example.inputs, surround(example)) if number else ""
        if ruled_out:
            yield f"row {_labelled(decision, name)} did not match: {ruled_out}"


def _rows_apart(example: Example, own: Sequence[MatchedRow]) -> tuple[list[str], list[MatchedRow]]:
    """Return the rows that should have matched and did not, and those that should not have."""
    if example.rows is None:
        return [], []
    wanted = set(example.rows)
    missing = [name for name in example.rows if not any(name in (row.rule, str(row.row)) for row in own)]
    return missing, [row for row in own if not wanted & {row.rule, str(row.row)}]


def _is_like(expected: Any, got: Any) -> bool:
    """Tell whether `got` is what was expected, of contexts only the entries that were named."""
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            name in got and _is_like(each, got[name]) for name, each in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and all(map(_is_like, expected, got))
    return got is None if expected is None else equal(expected, got) is True


def _part(value: Any, expected: Any) -> Any:
    """Return of `value` what `expected` speaks of."""
    if isinstance(value, Mapping) and isinstance(expected, Mapping):
        return {name: value[name] for name in expected if name in value}
    if isinstance(value, list) and isinstance(expected, list):
        like = next((each for each in expected if isinstance(each, Mapping)), None)
        return [_part(each, like) for each in value]
    return value


def _outputs_named(answer: tuple[Any, ...]) -> Iterator[str]:
    for each in answer:
        for part in each if isinstance(each, list) else [each]:
            yield from part if isinstance(part, Mapping) else ()


def _row_names(table: DecisionTable | None) -> set[str]:
    rules = table.rules if table is not None else ()
    return {name for number, rule in enumerate(rules, 1) for name in (rule.id, str(number)) if name}


def _number(decision: Decision, name: str) -> int | None:
    rules = decision.logic.rules if isinstance(decision.logic, DecisionTable) else ()
    found = (number for number, rule in enumerate(rules, 1) if name in (rule.id, str(number)))
    return next(found, None)


def _meant(name: str, known: set[str] | frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def row_labels(decision: Decision, rows: Iterable[str]) -> list[str]:
    """Return what the table calls rows that an example names by id or number; as written where it has no such row."""
    return [_labelled(decision, name) for name in rows]


def _labelled(decision: Decision, name: str) -> str:
    """Say a row as its table does, by the name or else the id that it has."""
    number = _number(decision, name)
    if number is None or not isinstance(decision.logic, DecisionTable):
        return name
    return decision.logic.rules[number - 1].annotations.get(ROW) or name


def _rows_text(rows: Sequence[str]) -> str:
    return f"the rows {', '.join(rows)}" if len(rows) > 1 else f"the row {rows[0]}" if rows else "no row"
