"""Rows that change only with somebody's approval, marked in the file: `<rule caf:approval="safeguarding_lead">`.

The attribute is of the namespace `urn:caf:rules`. DMN allows foreign attributes, and editors keep them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.dmn.source import Element, child, children, description_of, name_of, text_of
from engine.dmn.table_reader import hit_policy_of
from engine.xml import parse_untrusted

APPROVAL: Final = "{urn:caf:rules}approval"


@dataclass(frozen=True, slots=True)
class GuardedRow:
    """A row under somebody's approval: `approver` is a role, `meaning` a digest of all that decides what it does.

    `asks` and `gives` hold its cells with the words of their columns, those that ask nothing left out.
    """

    decision: str
    row: str
    approver: str
    description: str
    meaning: str
    asks: tuple[tuple[str, str], ...] = ()
    gives: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A guarded row as it was and as it is to be; None where it is not there, or not guarded."""

    before: GuardedRow | None
    after: GuardedRow | None

    @property
    def row(self) -> str:
        """The row's id."""
        return (self.after or self.before or _NO_ROW).row

    @property
    def approvers(self) -> frozenset[str]:
        """The roles that have to agree: of what was, and of what comes."""
        return frozenset(each.approver for each in (self.before, self.after) if each is not None)


_NO_ROW: Final = GuardedRow("", "", "", "", "")


def guarded_rows(source: bytes, *, name: str) -> tuple[GuardedRow, ...]:
    """Return the guarded rows of a DMN file's bytes, in order. Raises `Invalid` when `source` is not XML.

    A row's meaning is its decision, the hit policy, what each of its cells asks, and what it answers. Columns that it
    leaves open, its place, its id and its annotation are not part of it.
    """
    return tuple(_guarded(parse_untrusted(source, name)))


def file_key(source: bytes, *, name: str) -> str:
    """Return the key under which a DMN file is deployed. Raises `Invalid` when `source` is not XML."""
    root = parse_untrusted(source, name)
    return root.get("id") or name_of(root)


def needing_approval(old: bytes | None, new: bytes, *, name: str) -> tuple[GuardedRow, ...]:
    """Return every guarded row that `new` changes, drops, no longer guards or brings in.

    `old` is the file in force, None when there is none. `new` may be deployed when somebody with the `approver` role of
    each has agreed.
    """
    before = guarded_rows(old, name=name) if old is not None else ()
    after = guarded_rows(new, name=name)
    kept = {_essence(row) for row in before} & {_essence(row) for row in after}
    return tuple(row for row in (*before, *after) if _essence(row) not in kept)


def changed_rows(old: bytes, new: bytes, *, name: str) -> tuple[ChangedRow, ...]:
    """Return the rows of `needing_approval`, each as it was and as it is to be, told apart by decision and id."""
    wanting = needing_approval(old, new, name=name)
    was = {(row.decision, row.row): row for row in guarded_rows(old, name=name) if row in wanting}
    comes = {(row.decision, row.row): row for row in guarded_rows(new, name=name) if row in wanting}
    return tuple(ChangedRow(was.get(key), comes.get(key)) for key in dict.fromkeys((*was, *comes)))


def _essence(row: GuardedRow) -> tuple[str, str]:
    return row.approver, row.meaning


def _guarded(root: Element) -> Iterator[GuardedRow]:
    for decision in children(root, "decision"):
        where = decision.get("id") or name_of(decision)
        for table in children(decision, "decisionTable"):
            for rule in children(table, "rule"):
                approver = (rule.get(APPROVAL) or "").strip()
                if approver:
                    meaning, asks, gives = _meaning(where, table, rule), _asks(table, rule), _gives(table, rule)
                    yield GuardedRow(where, rule.get("id") or "", approver, description_of(rule), meaning, asks, gives)


def _meaning(decision: str, table: Element, rule: Element) -> str:
    asked = [_expression(column) for column in children(table, "input")]
    cells = [text_of(cell) for cell in children(rule, "inputEntry")]
    named = [name_of(column) for column in children(table, "output")]
    said = [text_of(cell) for cell in children(rule, "outputEntry")]
    tests = sorted(pair for pair in zip(asked, cells, strict=False) if pair[1] not in ("", "-"))
    whole = [decision, hit_policy_of(table), tests, sorted(zip(named, said, strict=False))]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _asks(table: Element, rule: Element) -> tuple[tuple[str, str], ...]:
    named = [column.get("label") or _expression(column) for column in children(table, "input")]
    cells = [text_of(cell) for cell in children(rule, "inputEntry")]
    return tuple(pair for pair in zip(named, cells, strict=False) if pair[1] not in ("", "-"))


def _gives(table: Element, rule: Element) -> tuple[tuple[str, str], ...]:
    named = [column.get("label") or name_of(column) for column in children(table, "output")]
    return tuple(zip(named, (text_of(cell) for cell in children(rule, "outputEntry")), strict=False))


def _expression(column: Element) -> str:
    return text_of(child(column, "inputExpression"))
