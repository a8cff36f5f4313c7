"""Rules as a plain list: each row in words, each a form, for the keyboard and the screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.checking import Finding
from engine.errors import Invalid, NotFound
from engine.outlines.tables import Rule, RuleTable, Tables
from engine.queries import limits, model_revisions, rule_words
from engine.queries.rule_words import Cell
from web import access
from web.current import actor, engine
from web.studio.model_texts import Text, act_on, done, findings_of, found_in, text_asked_for

blueprint = Blueprint("studio_tables", __name__, url_prefix="/studio/tables")


@dataclass(frozen=True, slots=True)
class Said:
    """A row in words: what it asks and answers by heading, why, who has to approve it, and what is wrong with it."""

    number: int
    asks: tuple[tuple[str, Cell], ...]
    gives: tuple[tuple[str, Cell], ...]
    why: str
    approver: str
    findings: tuple[Finding, ...]
    text: str

    def holds(self, words: Iterable[str]) -> bool:
        """Say whether the row has all of some words in it, as it is written or as it is said."""
        said = " ".join(cell.words for _, cell in (*self.asks, *self.gives))
        whole = f"{self.text} {said}".casefold().replace("_", " ")
        return all(word in whole for word in words)


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """List the rows of every table of a rules file, in words."""
    return _list(text_asked_for())


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def change_rows() -> ResponseReturnValue:
    """Add, copy, move or take out a row."""
    text, decision, act = text_asked_for(), request.form.get("decision", ""), request.form.get("act", "")
    number = _number(request.form.get("number", ""))
    acts: dict[str, Callable[[Tables], int | None]] = {
        "add": lambda tables: tables.add_rule(decision, number),
        "copy": lambda tables: tables.copy_rule(decision, number),
        "up": lambda tables: tables.move_rule(decision, number, down=False),
        "down": lambda tables: tables.move_rule(decision, number, down=True),
        "remove": lambda tables: tables.remove_rule(decision, number),
    }
    if act not in acts:
        abort(404)
    errors, place = act_on(text, Tables, acts[act])
    if errors:
        return _list(text, errors=errors)
    if act in ("add", "copy"):
        flash("The row is put in. Now say what it asks and answers.")
        return redirect(url_for("studio_tables.row", file=text.file, table=decision, row=place), 303)
    return _done(text, "The row is taken out" if act == "remove" else "The row is moved", f"{decision}-{place}")


@blueprint.get("/row")
@access.for_those(permissions.may_deploy)
def row() -> ResponseReturnValue:
    """Show one row as a form."""
    return _row_page(text_asked_for())


@blueprint.post("/row")
@access.for_those(permissions.may_deploy)
def change_row() -> ResponseReturnValue:
    """Set the cells of a row."""
    text, decision, number = text_asked_for(), request.args.get("table", ""), _number(request.args.get("row", ""))
    errors, _ = act_on(text, Tables, lambda tables: tables.set_rule(decision, number, request.form))
    if errors:
        return _row_page(text, errors=errors)
    return _done(text, "Saved", f"{decision}-{number}")


def _done(text: Text, words: str, at: str) -> ResponseReturnValue:
    return done(text, words, "studio_tables.page", at=f"row-{at}")


def _list(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    checked = found_in(text)
    found = checked.by_element
    try:
        tables = Tables(text.content, name=text.file).all()
    except Invalid as error:
        tables, errors = (), {**(errors or {}), "file": error.message}
    limit = _limits()
    rows = {table.decision: [_said(table, rule, found, limit) for rule in table.rules] for table in tables}
    told = {id(finding) for several in rows.values() for each in several for finding in each.findings}
    find = request.args.get("find", "").strip()
    wanted = find.casefold().split()
    rows = {name: [each for each in several if each.holds(wanted)] for name, several in rows.items()}
    elsewhere = [finding for several in found.values() for finding in several if id(finding) not in told]
    shown = render_template(
        "studio/tables.html", text=text, tables=tables, rows=rows, elsewhere=elsewhere, errors=errors or {},
        policies=rule_words.POLICIES, find=find, by_others=checked.elsewhere,
        history=model_revisions.history(engine(), actor=actor(), file=text.file),
    )  # fmt: skip
    return shown, 422 if errors and request.method == "POST" else 200


def _row_page(text: Text, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    number = _number(request.args.get("row", ""))
    table = Tables(text.content, name=text.file).one(request.args.get("table", ""))
    if not 1 <= number <= len(table.rules):
        abort(404)
    rule = table.rules[number - 1]
    found = _about(table, rule, findings_of(text).get(table.decision, ()))
    marks = {column.key: said for column in table.columns for said in _said_of(column.label, found)}
    values = {**rule.cells, **(dict(request.form.items()) if errors else {})}
    shown = render_template(
        "studio/tables_row.html", text=text, table=table, rule=rule, errors={**marks, **(errors or {})}, values=values,
        policies=rule_words.POLICIES,
        findings=[each for each in found if not any(_is_of(column.label, each) for column in table.columns)],
    )  # fmt: skip
    return shown, 422 if errors else 200


def _said(table: RuleTable, rule: Rule, found: Mapping[str, list[Finding]], limit: rule_words.Limit) -> Said:
    asks = ((column.label, rule_words.asked(rule.cells[column.key], limit)) for column in table.inputs)
    return Said(
        number=rule.number,
        asks=tuple((label, cell) for label, cell in asks if cell is not None),
        gives=tuple((column.label, rule_words.answered(rule.cells[column.key])) for column in table.outputs),
        why=" ".join(rule.cells[column.key] for column in table.notes).strip(),
        approver=rule.approver.replace("_", " "),
        findings=_about(table, rule, found.get(table.decision, ())),
        text=" ".join(rule.cells.values()),
    )


def _limits() -> rule_words.Limit:
    """Return what says a time limit by its name, as it is under work; one without a plain number stays as written."""
    try:
        amounts = {each.name: each.amount for each in limits.read(engine(), actor=actor()).limits}
    except (NotFound, Invalid):
        amounts = {}

    def amount(name: str) -> Decimal:
        found = amounts.get(name)
        if found is None:
            raise Invalid("It is no plain number")
        return Decimal(found)

    return amount


def _about(table: RuleTable, rule: Rule, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what is said of one row, which findings name by its place."""
    return tuple(each for each in found if f"row {rule.number}," in each.what or f"row {rule.number}:" in each.what)


def _said_of(label: str, found: Iterable[Finding]) -> list[str]:
    return [each.what.partition(f"column '{label}': ")[2] for each in found if _is_of(label, each)]


def _is_of(label: str, finding: Finding) -> bool:
    return f"column '{label}': " in finding.what


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        abort(404)
    return int(text)
