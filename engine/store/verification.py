"""Prove that history is whole: find any edit, deletion, reordering or truncation.

Every case's chain is recomputed and compared with the case row; a payload may be empty only when the chain says that
it was erased; every anchor's heads must still be in history, and who read which record as it was when it was made. An
anchor's hash kept elsewhere (`caf verify --anchor HASH`) defeats somebody who rewrites the whole database consistently;
what came after an anchor, only a later one covers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from engine.store.erasing import EVENTS
from engine.store.history import FIRST, event_hash, payload_digest, stable
from engine.store.json import dumps
from engine.store.tables.keeping import (
    history,
    history_anchor_heads,
    history_anchors,
    history_payloads,
    record_reads,
)
from engine.store.tables.record import cases
from engine.store.writes import Insertion

ERASED: Final = "payload_erased"
FOREIGN_ANCHOR = (
    "the anchor you kept is not in this database: history was rewritten or rolled back, or it is another database's"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor by its hash, when it was made (aware UTC), and how much was written after what it covers."""

    hash: str
    at: datetime
    later_events: int
    later_reads: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found: `newest` is the newest anchor, `given` the one it was asked about, when it is there."""

    cases: int
    events: int
    reads: int
    findings: tuple[str, ...]
    newest: Anchor | None = None
    given: Anchor | None = None

    @property
    def anchor(self) -> str | None:
        """The hash of the newest anchor, to be kept off the machine."""
        return self.newest.hash if self.newest else None


def anchor(connection: sa.Connection, *, at: datetime) -> str | None:
    """Fix the present end of every chain that grew, and every reading kept, since the last anchor; return its hash.

    Returns None when there is nothing new.
    """
    grown = connection.execute(_GROWN).all()
    last = connection.execute(_LAST).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, FIRST)
    # Marked first and read by the mark: a reading that is written meanwhile is in the next anchor, whatever its id.
    connection.execute(_MARK_READS, {"seq_": seq})
    reads, digest = _digest_of(connection, seq)
    if not grown and not reads:
        return None
    heads = [{"anchor_seq": seq, "case_id": id_, "count": count, "head": head} for id_, count, head in grown]
    row = {"seq": seq, "at": at, "reads": reads, "reads_digest": digest, "previous": previous}
    hash_ = _anchor_hash(row, heads)
    _INSERT.each(connection, [{**row, "hash": hash_}])
    _INSERT_HEADS.each(connection, heads)
    connection.execute(_MARK_GROWN)
    return hash_


_INSERT = Insertion(history_anchors)
_INSERT_HEADS = Insertion(history_anchor_heads)
_ANCHORED = cases.c.anchored_count
_GROWN = (
    sa.select(cases.c.id, cases.c.history_count, cases.c.history_head)
    .where(cases.c.history_count > _ANCHORED)
    .order_by(cases.c.id)
)
_MARK_GROWN = sa.update(cases).where(cases.c.history_count > _ANCHORED).values(anchored_count=cases.c.history_count)
_LAST = sa.select(history_anchors).order_by(history_anchors.c.seq.desc()).limit(1)
_MARK_READS = (
    sa.update(record_reads).where(record_reads.c.anchor_seq.is_(None)).values(anchor_seq=sa.bindparam("seq_"))
)


def newest(connection: sa.Connection) -> tuple[str, datetime] | None:
    """Return the hash of the newest anchor and when (aware UTC) it was made; None while there is none."""
    found = connection.execute(_LAST).first()
    return None if found is None else (found.hash, found.at)


def verify(connection: sa.Connection, *, expected_anchor: str | None = None) -> Verification:
    """Check every chain, payload, case row, anchor and reading that one fixed; memory stays flat whatever the size.

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
    reads = connection.execute(sa.select(sa.func.count()).select_from(record_reads)).scalar_one()
    totals = counted["events"], reads
    last, given = _check_anchors(connection, findings, expected_anchor, totals)
    return Verification(counted["cases"], counted["events"], reads, tuple(findings), last, given)


def _check_anchors(
    connection: sa.Connection, findings: list[str], expected: str | None, totals: tuple[int, int]
) -> tuple[Anchor | None, Anchor | None]:
    """Check the chain of anchors, adding to `findings`; return the newest anchor and the one that is `expected`.

    `totals` are how many events and readings there are.
    """
    previous, last, given = FIRST, None, None
    covered: dict[Any, int] = {}
    fixed = 0
    anchors = connection.execute(sa.select(history_anchors).order_by(history_anchors.c.seq)).mappings().all()
    for row in map(dict, anchors):
        query = sa.select(history_anchor_heads).where(history_anchor_heads.c.anchor_seq == row["seq"])
        heads = [dict(each) for each in connection.execute(query.order_by(history_anchor_heads.c.case_id)).mappings()]
        if row["previous"] != previous or row["hash"] != _anchor_hash(row, heads):
            findings.append(f"anchor {row['seq']}: it was changed or one before it is missing")
        findings.extend(_check_reads(connection, row))
        covered |= {head["case_id"]: head["count"] for head in heads}
        fixed += row["reads"]
        events = sum(covered.values())
        last = Anchor(row["hash"], row["at"], max(totals[0] - events, 0), max(totals[1] - fixed, 0))
        given = last if last.hash == expected else given
        previous = row["hash"]
    findings.extend(_lost_heads(connection))
    if expected is not None and given is None:
        findings.append(FOREIGN_ANCHOR)
    return last, given


def _check_reads(connection: sa.Connection, row: Mapping[str, Any]) -> Iterator[str]:
    found, digest = _digest_of(connection, row["seq"])
    if found != row["reads"]:
        yield f"anchor {row['seq']}: it fixed {row['reads']} readings of records, {found} of them are there"
    elif digest != row["reads_digest"]:
        yield f"anchor {row['seq']}: who read which record, which it had fixed, was changed"


def _digest_of(connection: sa.Connection, seq: int) -> tuple[int, str]:
    """Return how many readings an anchor fixes, and the SHA-256 (hexadecimal) of them in the order of their ids."""
    rows = connection.execute(_READS, {"seq_": seq}).all()
    return len(rows), hashlib.sha256(dumps([[stable(value) for value in row] for row in rows])).hexdigest()


_READS = (
    sa.select(
        *(record_reads.c[name] for name in ("id", "authority_id", "case_id", "practitioner_id", "at", "what"))
    )
    .where(record_reads.c.anchor_seq == sa.bindparam("seq_"))
    .order_by(record_reads.c.id)
)


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
    whole, held = 0, list[int]()
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
        elif row["payload_digest"] is not None:
            held.append(row["seq"])
        if row["kind"] == ERASED:
            told[row["subject_id"]] = row["seq"]
        if row["kind"] == EVENTS["record"]:
            whole = row["seq"]
        expected, previous = expected + 1, row["hash"]
    yield from _check_erasures(case_id, {id_: seq for id_, seq in wiped.items() if seq > whole}, told, wiped)
    back = [seq for seq in held if seq < whole]
    if back:
        yield f"case {case_id}: event {whole} says that all was erased, and the payload of event {back[0]} is back"
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


def _check_erasures(
    case_id: Any, alone: Mapping[Any, int], told: Mapping[Any, int], wiped: Mapping[Any, int]
) -> Iterator[str]:
    """Compare what is erased (event id -> seq) with what the chain says was (event id -> seq of saying so).

    `alone` are those of `wiped` that were not erased with the whole record.
    """
    for event_id, seq in alone.items():
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


def _anchor_hash(row: Mapping[str, Any], heads: list[dict[str, Any]]) -> str:
    lines = [[head["case_id"].hex, head["count"], head["head"]] for head in heads]
    told = [row["previous"], stable(row["at"]), row["reads"], row["reads_digest"], lines]
    return hashlib.sha256(dumps(told)).hexdigest()
