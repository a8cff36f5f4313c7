"""Erase what was written in closed cases, table by table: words, answers, files, messages; the chain stays whole.

What is erased are the columns that hold people's own words (`types.words`) and the few JSON columns that hold answers;
days, states and counts stay, so that figures of past months stay what they were.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from engine.casework.retention import Rule, years_before
from engine.store.folding import folded
from engine.store.tables import METADATA
from engine.store.tables.families import children, families, family_members
from engine.store.tables.files import attachment_chunks, attachments
from engine.store.tables.keeping import history, history_payloads, outbox
from engine.store.tables.record import cases
from engine.store.tables.running import task_drafts, user_tasks

ERASED: Final = "Erased"
"""What stands where something must stand."""
Erased = Literal["messages_erased", "files_erased", "record_erased"]
EVENTS: Final[Mapping[str, Erased]] = {
    "messages": "messages_erased", "files": "files_erased", "record": "record_erased",
}  # fmt: skip
"""The event by which history keeps that a kind of record was erased."""

_LEFT_ALONE: Final = frozenset({"history", "outbox", "record_reads", "case_messages", "attachments", "cases"})
"""Proofs, what is erased in its own way, and what holds no words of anybody."""
_CODES: Final = frozenset({("cases", "closure_reason"), ("closures", "reason"), ("instances", "end")})
"""Columns of words that hold what was chosen from a list, as do all that a constraint lists the values of."""
_ANSWERS: Final[Mapping[tuple[str, str], Any]] = {
    ("assessments", "content"): {},
    ("plan_versions", "outcomes"): [],
    ("handover_summaries", "sections"): [],
    ("tac_meetings", "checklists"): None,
}


def due(authority_id: UUID, kind: str, rule: Rule, *, today: date, kept: Collection[str]) -> sa.Select[Any]:
    """Return a select (`id`, `reference`, `closed_on`) of closed cases of which `kind` is to be erased, oldest first.

    A child whose birth is not known counts as young. What was erased with the whole record is not erased again.
    """
    done = {EVENTS[kind], EVENTS["record"]}
    erased = sa.exists().where(history.c.case_id == cases.c.id, history.c.kind.in_(sorted(done)))
    chosen = [
        cases.c.authority_id == authority_id,
        cases.c.closed_on <= years_before(today, rule.years),
        ~erased.correlate(cases),
        *([cases.c.reference.not_in(sorted(kept))] if kept else []),
        *([] if rule.age is None else [children.c.born_on <= years_before(today, rule.age)]),
    ]
    query = sa.select(cases.c.id, cases.c.reference, cases.c.closed_on)
    query = query.order_by(cases.c.closed_on, cases.c.id)
    return query.join(children, children.c.id == cases.c.child_id).where(*chosen)


def erase(connection: sa.Connection, case_id: UUID, kind: str, *, at: datetime) -> None:
    """Erase a kind of record of one case for good; `record` is all of it, and the child's name with their last case."""
    if kind in ("messages", "record"):
        _blank(connection, outbox, outbox.c.case_id == case_id)
    if kind in ("files", "record"):
        _erase_files(connection, case_id, at)
    if kind == "record":
        _erase_words(connection, case_id, at)
        _erase_child(connection, case_id)


def _erase_files(connection: sa.Connection, case_id: UUID, at: datetime) -> None:
    own = sa.select(attachments.c.id).where(attachments.c.case_id == case_id)
    connection.execute(sa.delete(attachment_chunks).where(attachment_chunks.c.attachment_id.in_(own)))
    gone = {"name": ERASED, "removed_at": sa.func.coalesce(attachments.c.removed_at, at)}
    connection.execute(sa.update(attachments).where(attachments.c.case_id == case_id).values(gone))


def _erase_words(connection: sa.Connection, case_id: UUID, at: datetime) -> None:
    _blank(connection, cases, cases.c.id == case_id)
    events = sa.select(history.c.id).where(history.c.case_id == case_id)
    held = history_payloads.c.event_id.in_(events) & history_payloads.c.erased_at.is_(None)
    connection.execute(sa.update(history_payloads).where(held).values(body=sa.null(), salt="", erased_at=at))
    tasks = sa.select(user_tasks.c.id).where(user_tasks.c.case_id == case_id)
    connection.execute(sa.update(task_drafts).where(task_drafts.c.task_id.in_(tasks)).values(answers={}))
    for table in METADATA.sorted_tables:
        if "case_id" in table.c and table.name not in _LEFT_ALONE:
            _blank(connection, table, table.c.case_id == case_id)


def _erase_child(connection: sa.Connection, case_id: UUID) -> None:
    """Erase a child's name and what is known of them when none of their cases is left, then their family's."""
    child = connection.execute(
        sa.select(children.c.id, children.c.family_id)
        .join(cases, cases.c.child_id == children.c.id)
        .where(cases.c.id == case_id)
    ).one()
    if _left(connection, cases.c.child_id == child.id, case_id):
        return
    _blank(connection, children, children.c.id == child.id)
    # As a search compares names; whoever changes one of them has to change it too.
    nameless = sa.update(children).where(children.c.id == child.id)
    connection.execute(nameless.values(folded_name=folded(ERASED)))
    theirs = sa.select(children.c.id).where(children.c.family_id == child.family_id)
    if not _left(connection, cases.c.child_id.in_(theirs), case_id):
        _blank(connection, family_members, family_members.c.family_id == child.family_id)
        _blank(connection, families, families.c.id == child.family_id)


def _left(connection: sa.Connection, which: sa.ColumnElement[bool], case_id: UUID) -> bool:
    """Tell whether any of these cases but the one being erased still has its record."""
    erased = sa.exists().where(history.c.case_id == cases.c.id, history.c.kind == EVENTS["record"]).correlate(cases)
    found = sa.select(cases.c.id).where(which, cases.c.id != case_id, ~erased).limit(1)
    return connection.execute(found).first() is not None


def _blank(connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> None:
    values: dict[str, Any] = {column.name: _empty(table, column) for column in table.c if _is_words(table, column)}
    values |= {name: value for (of, name), value in _ANSWERS.items() if of == table.name}
    if values:
        connection.execute(sa.update(table).where(which).values({name: _said(each) for name, each in values.items()}))


def _said(value: Any) -> Any:
    return sa.null() if value is None else value


def _is_words(table: sa.Table, column: sa.Column[Any]) -> bool:
    """Tell whether a column holds free words: those that a constraint lists or counts on are codes, and codes stay."""
    return bool(column.info.get("words")) and column.name not in _coded(table)


def _coded(table: sa.Table) -> set[str]:
    keys = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    named = {column.name for each in keys for column in each.columns}
    named |= {column.name for each in table.indexes if each.unique for column in each.columns}
    named |= {name for of, name in _CODES if of == table.name}
    return named | {column.name for column in table.c if f" {column.name} IN (" in f" {_checked(table)}"}


def _checked(table: sa.Table) -> str:
    checks = [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]
    return " ".join(str(each.sqltext) for each in checks)


def _empty(table: sa.Table, column: sa.Column[Any]) -> Any:
    """Return what stands in a column instead: what a rule of the table asks to be said, still says something."""
    if column.server_default is None:
        return ERASED
    if column.name in _checked(table):
        return sa.case((column == "", ""), else_=ERASED)
    return ""
