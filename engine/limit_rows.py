"""The time limits of a rules file as plain numbers, and the same text with other numbers: no other byte changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.errors import Invalid
from engine.xml import parse_untrusted

DECISION: Final = "timescales"
"""The decision that holds the limits: the first row counts whose limit and authority fit."""
MOST: Final = 1000
_QUOTED: Final = re.compile(r'"(\w+)"')
_CELL: Final = rb'(<(?:\w+:)?outputEntry\b[^>]*>\s*<(?:\w+:)?text\s*>)(.*?)(</(?:\w+:)?text\s*>)'


@dataclass(frozen=True, slots=True)
class LimitRow:
    """The row that gives a limit for an authority; `amount` is None where it is no plain whole number but `said`."""

    rule: str
    limit: str
    amount: int | None
    said: str
    why: str


def limit_rows(source: bytes, *, file: str, authority: str) -> dict[str, LimitRow]:
    """Return the row that counts for the authority of that key, by the name of the limit, in the file's order.

    Raises `Invalid` for what is no XML of ours.
    """
    rows: dict[str, LimitRow] = {}
    for rule in _rules(parse_untrusted(source, file)):
        cells = [_text(each) for each in rule if _local(each) in ("inputEntry", "outputEntry")]
        names = _QUOTED.findall(cells[0]) if len(cells) == 3 else []
        if len(cells) != 3 or not (cells[1] in ("", "-") or authority in _QUOTED.findall(cells[1])):
            continue
        why = next((" ".join((each.text or "").split()) for each in rule if _local(each) == "description"), "")
        amount = int(cells[2]) if re.fullmatch("[0-9]{1,6}", cells[2]) else None
        for name in names:
            rows.setdefault(name, LimitRow(rule.get("id", ""), name, amount, cells[2], why))
    return rows


def with_amounts(source: bytes, amounts: Mapping[str, int], *, file: str) -> bytes:
    """Return the text with other amounts, by the id of their rows. Raises `Invalid` when a row cannot be found."""
    for rule, amount in amounts.items():
        start = re.search(rb'<(?:\w+:)?rule\b[^>]*\sid="' + re.escape(rule.encode()) + rb'"[^>]*>', source)
        end = source.find(b"rule>", start.end()) if start else -1
        cell = re.compile(_CELL, re.DOTALL).search(source, start.end(), end) if start and end > 0 else None
        if cell is None:
            raise Invalid(f"{file}: the row {rule} is not written so that it can be changed here", file=file)
        source = source[: cell.start(2)] + str(amount).encode() + source[cell.end(2) :]
    return source


def _rules(root: etree._Element) -> list[etree._Element]:
    decision = next((each for each in root if _local(each) == "decision" and each.get("id") == DECISION), None)
    return [] if decision is None else [each for each in decision.iter() if _local(each) == "rule" and each.get("id")]


def _text(cell: etree._Element) -> str:
    return " ".join(next((each.text or "" for each in cell.iter() if _local(each) == "text"), "").split())


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
