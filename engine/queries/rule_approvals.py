"""Drafts that somebody else has to agree to: rows under approval as they are and would be, examples not kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.approving import in_words, wanted
from engine.casework.permissions import Actor, may_let_examples_be
from engine.dmn.approvals import ChangedRow, GuardedRow
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.queries.view import View, viewing
from engine.store import rule_approvals as stored
from engine.store.tables.modelling import model_drafts
from engine.store.tables.people import accounts, practitioners
from engine.whatif.drafts import may_be_tried

ANYTHING = "anything"
"""What a cell asks that asks nothing."""
_QUOTED = re.compile(r'"([^"\\]*)"')
_PLAIN = {"true": "yes", "false": "no", "null": "nothing"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a row that asks or answers something, now and in the draft; None where the row is not guarded.

    Both are in plain words where they are simple: `"line_manager"` is told as `line manager`, `true` as `yes`.
    """

    column: str
    now: str | None
    then: str | None

    @property
    def changed(self) -> bool:
        """Whether the draft says otherwise."""
        return self.now != self.then


@dataclass(frozen=True, slots=True)
class RowToApprove:
    """A guarded row that a draft changes, with its id and a name: what it asks, then what it answers."""

    row: str
    name: str
    why: str
    asks: tuple[Cell, ...]
    gives: tuple[Cell, ...]
    is_new: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """Who agreed, in which role (in words), and when (aware UTC)."""

    role: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LetBe:
    """Who let examples be, why, and when (aware UTC)."""

    name: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftToApprove:
    """A draft with guarded rows it changes. `digest` is what an approval names; `mine`: the reader may agree now.

    `missing` are the roles, in words, in which nobody has agreed yet. `unkept` are the examples that speak against it,
    each as `file: example`, and `came_to` says by example what was expected and what came; `let_be` says who let them
    be, and `may_let_be` whether the reader may. `may_be_tried`: it can be tried out on the caseload.
    """

    file: str
    digest: str
    saved_at: datetime
    saved_by: str | None
    rows: tuple[RowToApprove, ...]
    agreed: tuple[Approval, ...]
    missing: tuple[str, ...]
    mine: bool
    may_be_tried: bool
    unkept: tuple[str, ...]
    came_to: Mapping[str, str]
    let_be: tuple[LetBe, ...]
    may_let_be: bool


def drafts(engine: ProcessEngine, *, actor: Actor) -> tuple[DraftToApprove, ...]:
    """Return the drafts that change rows under approval or that examples speak against, by file.

    For designers, and for those whom rules name as approvers. Raises `NotPermitted`.
    """
    if not may_let_examples_be(actor):
        raise NotPermitted("Only a process designer, or who approves rules, may see changes of them")
    with viewing(engine, actor) as view:
        mine = model_drafts.c.authority_id == actor.authority_id
        found = [_draft(view, row) for row in view.connection.execute(_DRAFTS.where(mine))]
    return tuple(draft for draft in found if draft.rows or draft.unkept)


_DRAFTS = (
    sa.select(
        model_drafts.c.file, model_drafts.c.source, model_drafts.c.saved_at, model_drafts.c.unkept,
        model_drafts.c.findings,
        model_drafts.c.account_id, practitioners.c.name.label("who"),
    )
    .outerjoin(accounts, accounts.c.id == model_drafts.c.account_id)
    .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
    .order_by(model_drafts.c.file)
)  # fmt: skip


def _draft(view: View, row: Any) -> DraftToApprove:
    actor, content = view.actor, bytes(row.source)
    digest = stored.digest_of(content)
    found = wanted(view.connection, actor.authority_id, row.file, content)
    agreed, missing = (found.agreed, found.missing) if found is not None else ({}, ())
    let_be = _let_be(view, digest)
    return DraftToApprove(
        file=row.file,
        digest=digest,
        saved_at=row.saved_at,
        saved_by=row.who,
        rows=tuple(_row(change) for change in found.changes) if found is not None else (),
        agreed=tuple(Approval(in_words(role), each.name, each.at) for role, each in sorted(agreed.items())),
        missing=tuple(in_words(role) for role in missing),
        mine=any(role in actor.roles for role in missing),
        may_be_tried=may_be_tried(row.file, content),
        unkept=tuple(row.unkept),
        came_to=_came_to(row.unkept, row.findings),
        let_be=let_be,
        may_let_be=bool(row.unkept) and not let_be and row.account_id != actor.account_id,
    )


def _came_to(unkept: Sequence[str], findings: Sequence[str]) -> dict[str, str]:
    """Return, by example, what its finding says after its place (`file:example: expected 4, got 3; ...`)."""
    places = {example: " ".join(f"{example.replace(': ', ':', 1)}: ".split()) + " " for example in unkept}
    said = {
        example: next((each.removeprefix(place) for each in findings if each.startswith(place)), "")
        for example, place in places.items()
    }
    return {example: told for example, told in said.items() if told}


def _let_be(view: View, digest: str) -> tuple[LetBe, ...]:
    said = stored.let_be(view.connection, view.actor.authority_id, [digest], not_by=None).values()
    return tuple(LetBe(each.name, each.reason, each.at) for each in dict.fromkeys(said))


def let_be_of(view: View, digests: Sequence[str]) -> dict[str, list[LetBe]]:
    """Return by text who ever let examples that speak against it be, the first first."""
    found: dict[str, list[LetBe]] = {}
    for digest, name, reason, at in stored.let_be_ever(view.connection, view.actor.authority_id, digests):
        found.setdefault(digest, []).append(LetBe(name, reason, at))
    return found


def _row(change: ChangedRow) -> RowToApprove:
    before, after = change.before, change.after
    told = after or before
    return RowToApprove(
        row=change.row,
        name=words.plain(change.row.removeprefix("row_")),
        why=told.description if told is not None else "",
        asks=_cells(before, after, (each.asks if each is not None else () for each in (before, after))),
        gives=_cells(before, after, (each.gives if each is not None else () for each in (before, after))),
        is_new=before is None,
        is_gone=after is None,
    )


def _cells(
    before: GuardedRow | None, after: GuardedRow | None, pairs: Iterable[tuple[tuple[str, str], ...]]
) -> tuple[Cell, ...]:
    """Join the columns of both sides, in the order in which they come up."""
    was, comes = (dict(each) for each in pairs)
    return tuple(
        Cell(
            column,
            None if before is None else _said(was.get(column, ANYTHING)),
            None if after is None else _said(comes.get(column, ANYTHING)),
        )
        for column in dict.fromkeys((*was, *comes))
    )


def _said(cell: str) -> str:
    quoted = _QUOTED.fullmatch(cell)
    if quoted is None:
        return _PLAIN.get(cell, cell)
    return quoted[1] if " " in quoted[1] else words.plain(quoted[1])
