"""History that was changed behind the engine's back is found out; what may be erased can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import erasures
from engine.commands import keeping as keeping_commands
from engine.queries import case_file
from engine.store import verification
from engine.store.history import FIRST, event_hash
from engine.store.tables import keeping, record
from tests.small_models import PEERS
from tests.worlds import World, open_world, shipped_models

HISTORY, PAYLOADS, CASES = keeping.history, keeping.history_payloads, record.cases
ANCHORS, HEADS = keeping.history_anchors, keeping.history_anchor_heads
READS = keeping.record_reads


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={**shipped_models(), "peers.bpmn": PEERS}) as world:
        yield world


def three_tasks(world: World) -> UUID:
    """Walk a case with a dozen events and three payloads."""
    case_id = world.start_case(process_key="peers")
    for element in "abc":
        world.do(element, "hana", case_id=case_id, ok=True, note=f"About {element}")
    return case_id


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case of three tasks, beside another."""
    world.start_case(process_key="peers")
    case_id = three_tasks(world)
    assert world.verified().findings == ()
    return case_id


def event(world: World, case_id: UUID, seq: int) -> Any:
    return world.history(case_id)[seq - 1]


def put(seq_column: Any, case_id: UUID, seq: int) -> sa.ColumnElement[bool]:
    return (HISTORY.c.case_id == case_id) & (seq_column == seq)


def edit_detail(world: World, case_id: UUID) -> None:
    world.write(sa.update(HISTORY).where(put(HISTORY.c.seq, case_id, 4)).values(detail={"element": "other"}))


def edit_author(world: World, case_id: UUID) -> None:
    world.write(sa.update(HISTORY).where(put(HISTORY.c.seq, case_id, 4)).values(practitioner_id=world.ids["morgan"]))


def edit_time(world: World, case_id: UUID) -> None:
    earlier = event(world, case_id, 4).recorded_at - timedelta(days=1)
    world.write(sa.update(HISTORY).where(put(HISTORY.c.seq, case_id, 4)).values(recorded_at=earlier))


def edit_with_a_fitting_hash(world: World, case_id: UUID) -> None:
    row = dict(event(world, case_id, 4)._mapping) | {"why": "because I say so"}
    values = {"why": row["why"], "hash": event_hash(row)}
    world.write(sa.update(HISTORY).where(put(HISTORY.c.seq, case_id, 4)).values(**values))


def delete_in_the_middle(world: World, case_id: UUID) -> None:
    id_ = next(row.id for row in world.history(case_id) if row.payload_digest is None and row.seq > 2)
    world.write(sa.delete(HISTORY).where(HISTORY.c.id == id_))


def delete_and_close_the_gap(world: World, case_id: UUID) -> None:
    gone = next(row for row in world.history(case_id) if row.payload_digest is None and row.seq > 2)
    world.write(sa.delete(HISTORY).where(HISTORY.c.id == gone.id))
    for row in world.history(case_id)[gone.seq - 1 :]:
        world.write(sa.update(HISTORY).where(HISTORY.c.id == row.id).values(seq=row.seq - 1))


def swap_two(world: World, case_id: UUID) -> None:
    one, other = event(world, case_id, 4), event(world, case_id, 5)
    for id_, seq in ((one.id, 9000), (other.id, one.seq), (one.id, other.seq)):
        world.write(sa.update(HISTORY).where(HISTORY.c.id == id_).values(seq=seq))


def cut_the_end(world: World, case_id: UUID) -> None:
    last = world.history(case_id)[-1]
    world.write(
        sa.delete(PAYLOADS).where(PAYLOADS.c.event_id == last.id), sa.delete(HISTORY).where(HISTORY.c.id == last.id)
    )


def wipe_all(world: World, case_id: UUID) -> None:
    ids = [row.id for row in world.history(case_id)]
    world.write(
        sa.delete(PAYLOADS).where(PAYLOADS.c.event_id.in_(ids)), sa.delete(HISTORY).where(HISTORY.c.id.in_(ids))
    )


def edit_a_payload(world: World, case_id: UUID) -> None:
    (row, *_) = world.history(case_id, "task_completed")
    world.write(sa.update(PAYLOADS).where(PAYLOADS.c.event_id == row.id).values(body={"ok": True, "note": "Nothing"}))


def drop_a_payload(world: World, case_id: UUID) -> None:
    (row, *_) = world.history(case_id, "task_completed")
    world.write(sa.delete(PAYLOADS).where(PAYLOADS.c.event_id == row.id))


def add_a_payload(world: World, case_id: UUID) -> None:
    row = next(row for row in world.history(case_id) if row.payload_digest is None)
    world.write(sa.insert(PAYLOADS).values(event_id=row.id, salt="", body={"said": "more"}))


def move_the_head(world: World, case_id: UUID) -> None:
    world.write(sa.update(CASES).where(CASES.c.id == case_id).values(history_head="f" * 64))


def add_an_event(world: World, case_id: UUID) -> None:
    row = dict(world.history(case_id)[-1]._mapping)
    forged = row | {"id": world.engine.ids.new(), "seq": row["seq"] + 1, "previous": row["hash"], "request_key": None}
    world.write(sa.insert(HISTORY).values(**forged | {"payload_digest": None, "hash": event_hash(forged)}))


TAMPERING = (
    edit_detail, edit_author, edit_time, edit_with_a_fitting_hash, delete_in_the_middle, delete_and_close_the_gap,
    swap_two, cut_the_end, wipe_all, edit_a_payload, drop_a_payload, add_a_payload, move_the_head, add_an_event,
)  # fmt: skip


def test_tampering_is_found_and_names_the_case(world: World) -> None:
    known: set[str] = set()
    for tamper in TAMPERING:
        case_id = three_tasks(world)
        assert set(world.verified().findings) == known
        tamper(world, case_id)
        found = set(world.verified().findings) - known
        assert found, f"{tamper.__name__} went unseen"
        assert all(str(case_id) in finding for finding in found), found
        known |= found


def anchored(world: World) -> str:
    with world.engine.sessions.act() as connection:
        digest = verification.anchor(connection, at=world.clock.now())
    assert digest is not None
    return digest


def rewrite_from(world: World, case_id: UUID, seq: int) -> None:
    """Do what a careful forger would: change an event, hash everything anew, move the head."""
    previous = world.history(case_id)[seq - 2].hash if seq > 1 else FIRST
    for row in world.history(case_id)[seq - 1 :]:
        forged = dict(row._mapping) | {"previous": previous, "why": "forged" if row.seq == seq else row.why}
        forged["hash"] = previous = event_hash(forged)
        world.write(sa.update(HISTORY).where(HISTORY.c.id == row.id).values(**forged))
    world.write(sa.update(CASES).where(CASES.c.id == case_id).values(history_head=previous))


def test_a_chain_rewritten_to_its_head_is_found_by_the_anchor(world: World, case_id: UUID) -> None:
    anchored(world)
    rewrite_from(world, case_id, 4)
    (finding,) = world.verified().findings
    assert "which an anchor had fixed" in finding


def test_a_chain_cut_to_its_head_is_found_by_the_anchor(world: World, case_id: UUID) -> None:
    anchored(world)
    cut_the_end(world, case_id)
    last = world.history(case_id)[-1]
    world.write(sa.update(CASES).where(CASES.c.id == case_id).values(history_head=last.hash, history_count=last.seq))
    (finding,) = world.verified().findings
    assert "which an anchor had fixed" in finding


def test_a_case_wiped_with_its_count_is_found_by_the_anchor(world: World, case_id: UUID) -> None:
    anchored(world)
    wipe_all(world, case_id)
    world.write(sa.update(CASES).where(CASES.c.id == case_id).values(history_head=FIRST, history_count=0))
    assert world.verified().findings


def test_anchors_themselves_are_a_chain(world: World, case_id: UUID) -> None:
    first = anchored(world)
    world.start_case(process_key="peers")
    second = anchored(world)
    assert world.verified(anchor=first).findings == world.verified(anchor=second).findings == ()
    world.write(sa.delete(HEADS).where(HEADS.c.anchor_seq == 1), sa.delete(ANCHORS).where(ANCHORS.c.seq == 1))
    assert any("anchor 2" in finding for finding in world.verified().findings)


def test_history_and_anchors_rewritten_together_are_found_by_the_anchor_kept_elsewhere(
    world: World, case_id: UUID
) -> None:
    kept = anchored(world)
    assert world.verified(anchor=kept).anchor == kept
    rewrite_from(world, case_id, 4)
    world.write(sa.delete(HEADS), sa.delete(ANCHORS), sa.update(CASES).values(anchored_count=0))
    anchored(world)
    assert world.verified().findings == (), "nothing in the database itself can tell"
    assert world.verified(anchor=kept).findings == (verification.FOREIGN_ANCHOR,)


def test_nothing_new_needs_no_new_anchor(world: World, case_id: UUID) -> None:
    anchored(world)
    with world.engine.sessions.act() as connection:
        assert verification.anchor(connection, at=world.clock.now()) is None


def wipe(world: World, *ids: UUID) -> None:
    emptied = {"body": sa.null(), "salt": "", "erased_at": world.clock.now()}
    world.write(sa.update(PAYLOADS).where(PAYLOADS.c.event_id.in_(ids)).values(**emptied))


def test_erasing_a_payload_keeps_the_chain_whole(world: World, case_id: UUID) -> None:
    kept = anchored(world)
    ids = [row.id for row in world.history(case_id, "task_completed")]
    for event_id in ids:
        erasures.erase(world.engine, actor=world.actor("piet"), event_id=event_id, why="The family's right")
    assert world.verified(anchor=kept).findings == ()
    bodies = world.rows(sa.select(PAYLOADS.c.body).where(PAYLOADS.c.event_id.in_(ids)))
    assert [row.body for row in bodies] == [None] * 3


def test_payloads_wiped_behind_its_back_are_found(world: World, case_id: UUID) -> None:
    told, *silent = world.history(case_id, "task_completed")
    erasures.erase(world.engine, actor=world.actor("piet"), event_id=told.id, why="The family's right")
    wipe(world, *(row.id for row in silent))
    assert world.verified().findings == tuple(
        f"case {case_id}: the payload of event {row.seq} was wiped, and no later event says that it was erased"
        for row in silent
    )


def test_an_erased_payload_that_is_back_is_found(world: World, case_id: UUID) -> None:
    done = world.history(case_id, "task_completed")[0]
    (kept,) = world.rows(sa.select(PAYLOADS).where(PAYLOADS.c.event_id == done.id))
    erasures.erase(world.engine, actor=world.actor("piet"), event_id=done.id, why="The family's right")
    back = {"body": kept.body, "salt": kept.salt, "erased_at": None}
    world.write(sa.update(PAYLOADS).where(PAYLOADS.c.event_id == done.id).values(**back))
    (finding,) = world.verified().findings
    assert "says that a payload was erased, and it was not, or it is back" in finding


def test_a_payload_is_not_in_the_chain_itself(world: World, case_id: UUID) -> None:
    for row in world.history(case_id):
        assert "About" not in str(dict(row._mapping))


def test_a_payload_can_be_empty_only_when_it_was_erased(world: World, case_id: UUID) -> None:
    (row, *_) = world.history(case_id, "task_completed")
    world.write(sa.update(PAYLOADS).where(PAYLOADS.c.event_id == row.id).values(body=sa.null()))
    assert world.verified().findings


def test_a_case_row_that_is_gone_is_a_finding_not_a_crash(sqlite_url: str) -> None:
    with open_world(sqlite_url, models={**shipped_models(), "peers.bpmn": PEERS}) as world:
        case_id = world.start_case(process_key="peers")
        with world.engine.sessions.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            connection.execute(sa.delete(CASES).where(CASES.c.id == case_id))
            connection.commit()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
        assert any(str(case_id) in finding for finding in world.verified().findings)


def cut_to_its_head(world: World, case_id: UUID) -> None:
    cut_the_end(world, case_id)
    last = world.history(case_id)[-1]
    world.write(sa.update(CASES).where(CASES.c.id == case_id).values(history_head=last.hash, history_count=last.seq))


def test_it_says_until_when_an_anchor_covers_and_how_much_came_later(world: World, case_id: UUID) -> None:
    kept, made = anchored(world), world.clock.now()
    world.clock.advance(timedelta(hours=3))
    before = world.verified().events
    three_tasks(world)
    given = world.verified(anchor=kept).given
    assert given is not None
    assert (given.hash, given.at, given.later_events) == (kept, made, world.verified().events - before)


def test_an_anchor_made_now_finds_what_is_cut_later(world: World, case_id: UUID) -> None:
    anchored(world)
    later = three_tasks(world)
    made = keeping_commands.anchor(world.engine)
    assert made is not None
    cut_to_its_head(world, later)
    (finding,) = world.verified(anchor=made[0]).findings
    assert "which an anchor had fixed" in finding


def test_the_time_of_an_anchor_cannot_be_changed(world: World, case_id: UUID) -> None:
    anchored(world)
    world.write(sa.update(ANCHORS).values(at=world.clock.now() + timedelta(days=1)))
    assert any("anchor 1" in finding for finding in world.verified().findings)


def read_by(world: World, case_id: UUID, *people: str) -> None:
    """Let people open a case's page, each of which is kept."""
    for person in people:
        case_file.read(world.engine, actor=world.actor(person), case_id=case_id)
        world.clock.advance(timedelta(minutes=1))


def hide_a_reader(world: World) -> None:
    first = world.rows(sa.select(READS.c.id).order_by(READS.c.id))[0].id
    world.write(sa.delete(READS).where(READS.c.id == first))


def blame_another(world: World) -> None:
    world.write(sa.update(READS).values(practitioner_id=world.ids["hana"]))


def change_the_time(world: World) -> None:
    world.write(sa.update(READS).values(at=world.clock.now()))


def make_it_new(world: World) -> None:
    world.write(sa.update(READS).values(anchor_seq=None))


def add_one_from_before(world: World) -> None:
    row = world.rows(sa.select(READS))[0]._mapping
    world.write(sa.insert(READS).values({**row, "id": world.engine.ids.new()}))


@pytest.mark.parametrize("tamper", [hide_a_reader, blame_another, change_the_time, make_it_new, add_one_from_before])
def test_who_read_a_record_is_fixed_by_the_anchor(world: World, case_id: UUID, tamper: Callable[[World], None]) -> None:
    read_by(world, case_id, "morgan", "cleo")
    kept = anchored(world)
    read_by(world, case_id, "morgan")
    checked = world.verified(anchor=kept)
    assert checked.findings == ()
    assert checked.given is not None
    assert (checked.reads, checked.given.later_reads) == (3, 1)
    tamper(world)
    (finding,) = world.verified().findings
    assert finding.startswith("anchor 1: ")


def test_reading_alone_is_anchored_and_nothing_is_when_nobody_reads(world: World, case_id: UUID) -> None:
    anchored(world)
    read_by(world, case_id, "morgan")
    kept = anchored(world)
    again = keeping_commands.anchor(world.engine)
    assert again is not None
    assert again[0] == kept
