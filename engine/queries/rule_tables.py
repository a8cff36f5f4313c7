"""A rules file to be read: each decision's table row by row in words, and its examples, put to the rules in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine.casework.permissions import Actor
from engine.dmn import Decision
from engine.dmn.example_file import Example, ExampleFile
from engine.dmn.examples import Outcome, row_labels
from engine.dmn.results import ROW, SOURCE, label_of
from engine.dmn.written import Logic, Table, WrittenDecision, WrittenRow, written_decisions
from engine.library import TIMESCALES
from engine.process_engine import ProcessEngine
from engine.queries import rule_words, words
from engine.queries.definitions import own, require_reader
from engine.queries.rule_words import Cell, Limit
from engine.queries.view import View, viewing
from engine.rule_files import Rules, analyses
from engine.store.definitions import StoredDefinition
from engine.whatif.drafts import ASKED

MOST_KEPT: Final = 200
"""Examples that are kept of which each is listed."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row: `cells` by column (None: takes anything), and `asks` and `gives` with the headings of their columns.

    `name` is what the table calls it, `anchor` where a page shows it, `source` where it comes from, and `approver` in
    words who has to agree before it changes, or "".
    """

    number: int
    name: str
    anchor: str
    cells: tuple[Cell | None, ...]
    asks: tuple[tuple[str, Cell], ...]
    gives: tuple[tuple[str, Cell], ...]
    source: str
    approver: str


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example: what is given and expected, in words, and for one that is not kept what came instead."""

    name: str
    given: str
    expected: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownExamples:
    """The examples of a decision that are in force; `more` are kept and not listed one by one.

    `usual` says what each is given unless it says otherwise.
    """

    decision: str
    file: str
    definition_id: UUID
    count: int
    unkept: tuple[ShownExample, ...]
    kept: tuple[ShownExample, ...]
    more: int
    usual: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Something odd about a table, with inputs that show it, in words."""

    what: str
    example: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What looking for gaps, overlaps and rows that never match came to; `untold` could not be told."""

    odd: tuple[Odd, ...]
    untold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision, or a function that decisions call.

    `examples` and `looked_at` are of the version in force only; None without any examples, and for what is no table.
    """

    id: str
    name: str
    question: str
    answers: str
    description: str
    is_function: bool
    logic: Logic[ShownRow] | None
    examples: ShownExamples | None
    looked_at: LookedAt | None


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A rules file, or with `examples` alone a file of examples; empty for a definition of another kind."""

    decisions: tuple[ShownDecision, ...] = ()
    examples: ShownExamples | None = None

    @property
    def may_be_tried(self) -> bool:
        """Whether a change of it can be tried out on the caseload."""
        return any(each.id in ASKED for each in self.decisions)


def read(engine: ProcessEngine, *, actor: Actor, definition_id: UUID) -> ShownFile:
    """Return what a version of a rules file says, with its examples where it is the version in force.

    Raises `NotPermitted` for all but designers and those who try rules out, `NotFound`.
    """
    with viewing(engine, actor) as view:
        found = own(view, definition_id)
        require_reader(actor, found)
        if found.kind == "rules":
            return ShownFile(_decisions(view, found))
        if found.kind == "examples" and view.authority.latest.get(("examples", found.key)) == found.id:
            return ShownFile(examples=_examples(view, found.key))
    return ShownFile()


def _decisions(view: View, found: StoredDefinition) -> tuple[ShownDecision, ...]:
    in_force = view.authority.latest.get(("rules", found.key)) == found.id
    limit = view.engine.library.host(view.connection, view.authority).time_limit
    looked_at = _looked_at(view, found) if in_force else {}
    return tuple(
        _decision(each, limit, _examples(view, each.id) if in_force else None, looked_at.get(each.id))
        for each in written_decisions(found.source, name=found.file)
    )


def _looked_at(view: View, found: StoredDefinition) -> dict[str, LookedAt]:
    """Analyse the tables of a rules file in force, with the time limits in force, by decision."""
    model = view.engine.library.rules(view.connection, found.id)
    return {
        each.decision: LookedAt(
            tuple(Odd(odd.what, _in_words(odd.example)) for odd in each.oddities), each.untold + each.gave_up
        )
        for each in analyses(model, _with_limits(view, found.id))
    }


def _in_words(inputs: Mapping[str, Any]) -> str:
    return "; ".join(f"{words.plain(name)}: {rule_words.value(given)}" for name, given in inputs.items())


def _with_limits(view: View, rules_id: UUID) -> Rules:
    """Return a rules file together with the time limits in force."""
    library, latest = view.engine.library, view.authority.latest
    ids = {rules_id, latest.get(("decision", TIMESCALES), rules_id)}
    return Rules({model.key: model for model in (library.rules(view.connection, each) for each in ids)})


def _examples(view: View, decision: str) -> ShownExamples | None:
    """Put the examples in force of a decision to the rules in force; None when there are none."""
    latest, library = view.authority.latest, view.engine.library
    examples_id, rules_id = latest.get(("examples", decision)), latest.get(("decision", decision))
    if examples_id is None or rules_id is None:
        return None
    examples = library.examples(view.connection, examples_id)
    rules = _with_limits(view, rules_id)
    asked = library.rules(view.connection, rules_id).decision(decision)
    outcomes = rules.outcomes(examples)
    unkept = [each for each in outcomes if each.problems]
    kept = [each for each in outcomes if not each.problems]
    return ShownExamples(
        decision, examples.file, examples_id, len(outcomes), _told(unkept, examples, asked),
        _told(kept[:MOST_KEPT], examples, asked), max(0, len(kept) - MOST_KEPT), _in_words(examples.usual),
    )  # fmt: skip


def _decision(
    written: WrittenDecision, limit: Limit, examples: ShownExamples | None, looked_at: LookedAt | None
) -> ShownDecision:
    return ShownDecision(
        id=written.id,
        name=written.name,
        question=written.question,
        answers=written.answers,
        description=written.description,
        is_function=written.is_function,
        logic=_logic(written.logic, limit) if written.logic is not None else None,
        examples=examples,
        looked_at=looked_at,
    )


def _logic(written: Logic[WrittenRow], limit: Limit) -> Logic[ShownRow]:
    table = _table(written.table, limit) if written.table is not None else None
    return Logic(written.label, written.text, table, tuple(_logic(each, limit) for each in written.parts))


def _table(written: Table[WrittenRow], limit: Limit) -> Table[ShownRow]:
    return Table(
        rule_words.POLICIES.get(written.policy, written.policy),
        written.inputs,
        written.outputs,
        tuple(_row(written, each, number, limit) for number, each in enumerate(written.rows, start=1)),
    )


def _row(table: Table[WrittenRow], row: WrittenRow, number: int, limit: Limit) -> ShownRow:
    notes = dict(row.notes)
    asks = tuple(rule_words.asked(text, limit) for text in row.asks)
    gives = tuple(rule_words.answered(text) for text in row.gives)
    return ShownRow(
        number=number,
        name=label_of(notes, number),
        anchor=rule_words.anchor(row.id, number),
        cells=asks + gives,
        asks=tuple((name, cell) for name, cell in zip(table.inputs, asks, strict=True) if cell is not None),
        gives=tuple(zip(table.outputs, gives, strict=True)),
        source=_source(row),
        approver=words.plain(row.approver),
    )


def _source(row: WrittenRow) -> str:
    """Say where a row comes from: its annotations but its name, and its description unless that says the same."""
    notes = [text if name in ("", SOURCE) else f"{name}: {text}" for name, text in row.notes if name != ROW]
    own = [row.description] if row.description and not any(note in row.description for note in notes) else []
    return " ".join([*own, *notes])


def _told(outcomes: Sequence[Outcome], examples: ExampleFile, decision: Decision) -> tuple[ShownExample, ...]:
    return tuple(
        ShownExample(
            each.example.name, _given(each.example, examples.usual), _expected(each.example, decision), each.problems
        )
        for each in outcomes
    )  # fmt: skip


def _given(example: Example, usual: Mapping[str, Any]) -> str:
    """Say what an example is given, without what is as usual."""
    own = {name: given for name, given in example.inputs.items() if name not in usual or usual[name] != given}
    limits = {f"the limit {name}": given for name, given in example.limits.items()}
    return _in_words({**own, **limits})


def _expected(example: Example, decision: Decision) -> str:
    told = [rule_words.value(answer) for answer in example.answer]
    if example.rows is not None:
        told.append(f"row {words.listed(row_labels(decision, example.rows))}" if example.rows else "no row")
    return "; ".join(told)
