"""Read and write who agreed to which text of a rule file; nothing here is ever changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.people import practitioners
from engine.store.tables.running import definitions, deployments, rule_approvals

SECOND_PERSON: Final = "second_person"
"""The role of who lets rules come into force that do not keep every example."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The rule file in force under a key, and since when (aware UTC)."""

    source: bytes
    since: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed, when (aware UTC), and why where that was asked."""

    name: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody's approval, in a role, of a text with its SHA-256 `digest` that changes the rows `row_ids`."""

    id: UUID
    authority_id: UUID
    file: str
    digest: str
    row_ids: Sequence[str]
    role: str
    approver_id: UUID
    at: datetime
    reason: str = ""


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file's text, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def in_force(connection: sa.Connection, authority_id: UUID, key: str) -> InForce | None:
    """Return the newest rule file deployed under `key`, None when there is none."""
    mine = (definitions.c.authority_id == authority_id) & (definitions.c.kind == "rules") & (definitions.c.key == key)
    row = connection.execute(
        sa.select(definitions.c.source, deployments.c.at)
        .join(deployments, deployments.c.id == definitions.c.deployment_id)
        .where(mine)
        .order_by(definitions.c.version.desc())
        .limit(1)
    ).first()
    return None if row is None or not row.source else InForce(bytes(row.source), row.at)


def agreed(connection: sa.Connection, authority_id: UUID, digest: str, *, since: datetime) -> dict[str, Agreed]:
    """Return who agreed to a text in each role, from the instant `since` (aware UTC) on."""
    table = rule_approvals
    rows = connection.execute(
        sa.select(table.c.role, table.c.at, practitioners.c.name)
        .join(practitioners, practitioners.c.id == table.c.approver_id)
        .where(table.c.authority_id == authority_id, table.c.hash == digest, table.c.at >= since)
        .order_by(table.c.at)
    )
    return {row.role: Agreed(row.name, row.at) for row in rows}


def let_be(
    connection: sa.Connection, authority_id: UUID, digests: Sequence[str], *, not_by: UUID | None
) -> dict[str, Agreed]:
    """Return the examples that need not be kept by these texts, by `file: example`, and who said so.

    What the practitioner `not_by` said does not count, nor what was said before rules last came into force.
    """
    table = rule_approvals
    last = (
        sa.select(sa.func.max(deployments.c.at))
        .join(definitions, definitions.c.deployment_id == deployments.c.id)
        .where(definitions.c.authority_id == authority_id, definitions.c.kind.in_(("rules", "examples")))
        .scalar_subquery()
    )
    rows = connection.execute(
        sa.select(table.c.row_ids, table.c.at, table.c.reason, practitioners.c.name)
        .join(practitioners, practitioners.c.id == table.c.approver_id)
        .where(table.c.authority_id == authority_id, table.c.hash.in_(digests), table.c.role == SECOND_PERSON)
        .where(table.c.approver_id != not_by if not_by is not None else sa.true())
        .where(sa.or_(last.is_(None), table.c.at >= last))
        .order_by(table.c.at)
    )
    return {example: Agreed(row.name, row.at, row.reason) for row in rows for example in row.row_ids}


def let_be_ever(
    connection: sa.Connection, authority_id: UUID, digests: Sequence[str]
) -> list[tuple[str, str, str, datetime]]:
    """Return who ever let examples be for these texts: digest, name, reason, when (aware UTC); the first first."""
    table = rule_approvals
    rows = connection.execute(
        sa.select(table.c.hash, practitioners.c.name, table.c.reason, table.c.at)
        .join(practitioners, practitioners.c.id == table.c.approver_id)
        .where(table.c.authority_id == authority_id, table.c.hash.in_(digests), table.c.role == SECOND_PERSON)
        .order_by(table.c.at, table.c.id)
    )
    return [(row.hash, row.name, row.reason, row.at) for row in rows]


def insert(connection: sa.Connection, approval: Approval) -> None:
    """Write one approval."""
    connection.execute(
        sa.insert(rule_approvals).values(
            id=approval.id,
            authority_id=approval.authority_id,
            file=approval.file,
            hash=approval.digest,
            row_ids=list(approval.row_ids),
            role=approval.role,
            approver_id=approval.approver_id,
            at=approval.at,
            reason=approval.reason,
        )
    )
