"""Prove that history is whole: find any edit, deletion, reordering or truncation.

Every case's chain is recomputed and compared with the case row; a payload may be empty only when the chain says that
it was erased; every anchor's heads must still be in history. An anchor's hash kept elsewhere (`caf verify --anchor
HASH`) defeats somebody who rewrites the whole database consistently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from engine.store.history import FIRST, event_hash, payload_digest
from engine.store.json import dumps
from engine.store.tables.keeping import history, history_anchor_heads, history_anchors, history_payloads
from engine.store.tables.record import cases

ERASED: Final = "payload_erased"
FOREIGN_ANCHOR = (
    "the anchor you kept is not in this database: history was rewritten or rolled back, or it is another database's"
)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found. `anchor` is the hash of the newest anchor, to be kept off the machine."""

    cases: int
    events: int
    findings: tuple[str, ...]
    anchor: str | None


def anchor(connection: sa.Connection, *, at: datetime) -> str | None:
    """Fix the present end of every chain that grew since the last anchor; return the anchor's hash.

    Returns None when nothing grew.
    """
    grown = connection.execute(
        sa.select(cases.c.id, cases.c.history_count, cases.c.history_head)
        .where(cases.c.history_count > cases.c.anchored_count)
        .order_by(cases.c.id)
    ).all()
    if not grown:
        return None
    last = connection.execute(sa.select(history_anchors).order_by(history_anchors.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, FIRST)
    heads = [{"anchor_seq": seq, "case_id": id_, "count": count, "head": head} for id_, count, head in grown]
    digest = _anchor_hash(previous, heads)
    connection.execute(sa.insert(history_anchors).values(seq=seq, at=at, previous=previous, hash=digest))
    connection.execute(sa.insert(history_anchor_heads), heads)
    connection.execute(
        sa.update(cases)
        .where(cases.c.history_count > cases.c.anchored_count)
        .values(anchored_count=cases.c.history_count)
    )
    return digest


def verify(connection: sa.Connection, *, expected_anchor: str | None = None) -> Verification:
    """Check every chain, payload, case row and anchor; memory stays flat whatever the size.

    `expected_anchor` is an anchor's hash kept elsewhere: it must be among the anchors.
    """
    findings: list[str] = []
    counted = {"cases": 0, "events": 0}
    seen: set[Any] = set()
    for case_id, rows in groupby(_events(connection), key=lambda row: row["case_id"]):
        findings.extend(_check_chain(connection, case_id, rows, counted))
        seen.add(case_id)
    missing = connection.execute(sa.select(cases.c.id).where(cases.c.history_count > 0)).scalars()
    findings.extend(f"case {id_}: its whole history is gone" for id_ in missing if id_ not in seen)
    newest = _check_anchors(connection, findings, expected_anchor)
    return Verification(counted["cases"], counted["events"], tuple(findings), newest)


def _check_anchors(connection: sa.Connection, findings: list[str], expected: str | None) -> str | None:
    """Check the chain of anchors, adding to `findings`; return the newest anchor's hash."""
    previous, known = FIRST, set()
    for row in connection.execute(sa.select(history_anchors).order_by(history_anchors.c.seq)).all():
        heads = (
            connection.execute(
                sa.select(history_anchor_heads)
                .where(history_anchor_heads.c.anchor_seq == row.seq)
                .order_by(history_anchor_heads.c.case_id)
            )
            .mappings()
            .all()
        )
        if row.previous != previous or row.hash != _anchor_hash(previous, [dict(head) for head in heads]):
            findings.append(f"anchor {row.seq}: it was changed or one before it is missing")
        previous = row.hash
        known.add(row.hash)
    findings.extend(_lost_heads(connection))
    if expected is not None and expected not in known:
        findings.append(FOREIGN_ANCHOR)
    return previous if known else None


def _events(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    query = (
        sa.select(
            history,
            history_payloads.c.salt,
            history_payloads.c.body,
            history_payloads.c.erased_at,
            history_payloads.c.event_id,
        )
        .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
        .order_by(history.c.case_id, history.c.seq)
    )
    result = connection.execution_options(yield_per=1000).execute(query)
    for row in result.mappings():
        yield dict(row)


def _check_chain(
    connection: sa.Connection, case_id: Any, rows: Iterator[dict[str, Any]], counted: dict[str, int]
) -> Iterator[str]:
    expected, previous = 1, FIRST
    wiped: dict[Any, int] = {}
    told: dict[Any, int] = {}
    for row in rows:
        counted["events"] += 1
        if row["seq"] != expected:
            yield f"case {case_id}: event {expected} is missing"
            expected = row["seq"]
        if row["previous"] != previous:
            yield f"case {case_id}: event {row['seq']} does not follow the one before it"
        if event_hash(row) != row["hash"]:
            yield f"case {case_id}: event {row['seq']} was changed"
        yield from _check_payload(case_id, row)
        if row["erased_at"] is not None:
            wiped[row["id"]] = row["seq"]
        if row["kind"] == ERASED:
            told[row["subject_id"]] = row["seq"]
        expected, previous = expected + 1, row["hash"]
    yield from _check_erasures(case_id, wiped, told)
    counted["cases"] += 1
    query = sa.select(cases.c.history_count, cases.c.history_head).where(cases.c.id == case_id)
    head = connection.execute(query).first()
    if head is None:
        yield f"case {case_id}: the case itself is gone, its history is still there"
    elif (head.history_count, head.history_head) != (expected - 1, previous):
        yield f"case {case_id}: the case counts {head.history_count} events, its history ends at {expected - 1}"


def _check_payload(case_id: Any, row: dict[str, Any]) -> Iterator[str]:
    if row["payload_digest"] is None:
        if row["event_id"] is not None:
            yield f"case {case_id}: event {row['seq']} has gained a payload"
    elif row["event_id"] is None:
        yield f"case {case_id}: the payload of event {row['seq']} is gone"
    elif row["erased_at"] is None and payload_digest(row["salt"], row["body"]) != row["payload_digest"]:
        yield f"case {case_id}: the payload of event {row['seq']} was changed"


def _check_erasures(case_id: Any, wiped: Mapping[Any, int], told: Mapping[Any, int]) -> Iterator[str]:
    """Compare what is erased (event id -> seq) with what the chain says was (event id -> seq of saying so)."""
    for event_id, seq in wiped.items():
        if told.get(event_id, 0) <= seq:
            yield f"case {case_id}: the payload of event {seq} was wiped, and no later event says that it was erased"
    for event_id, seq in told.items():
        if event_id not in wiped:
            yield f"case {case_id}: event {seq} says that a payload was erased, and it was not, or it is back"


def _lost_heads(connection: sa.Connection) -> Iterator[str]:
    lost = connection.execute(
        sa.select(history_anchor_heads.c.case_id, history_anchor_heads.c.count)
        .outerjoin(
            history,
            (history.c.case_id == history_anchor_heads.c.case_id)
            & (history.c.seq == history_anchor_heads.c.count)
            & (history.c.hash == history_anchor_heads.c.head),
        )
        .where(history.c.id.is_(None))
    )
    for case_id, count in lost:
        yield f"case {case_id}: event {count}, which an anchor had fixed, is gone or was changed"


def _anchor_hash(previous: str, heads: list[dict[str, Any]]) -> str:
    lines = [[head["case_id"].hex, head["count"], head["head"]] for head in heads]
    return hashlib.sha256(previous.encode() + dumps(lines)).hexdigest()
