"""Values that JSON or a database cannot hold are refused in words, whichever slot they come through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import user_tasks
from engine.errors import Invalid
from engine.store.json import dumps, loads
from engine.store.session import open_sessions
from engine.store.tables import keeping
from tests.episodes import answers_for
from tests.small_models import PEERS
from tests.worlds import open_world


@pytest.mark.parametrize(
    "value",
    [10**30, -(10**400), "\ud800", {"deep": [[10**30]]}],
    ids=repr,
)
def test_what_cannot_be_kept_is_refused_and_the_task_stays_open(database_url: str, value: Any) -> None:
    with open_world(database_url, models={"peers.bpmn": PEERS}) as world:
        case_id = world.start_case(process_key="peers")
        with pytest.raises(Invalid):
            world.do("a", "hana", case_id=case_id, ok=True, value=value)
        assert world.open_elements(case_id) == ["a"]
        with pytest.raises(Invalid):
            user_tasks.save_draft(
                world.engine, actor=world.actor("hana"), task_id=world.task("a", case_id).id, answers={"x": value}
            )
        assert world.verified().findings == ()
        world.do("a", "hana", case_id=case_id, ok=True)
        assert world.open_elements(case_id) == ["b"]


@pytest.mark.parametrize(
    "value", ["Zoë 🙂", "'; --", "\u202e", "a\x00b", "x" * 50_000, 2**63 - 1, -(2**63), 1.5, True, None, ["a", 1]]
)
def test_what_can_be_kept_comes_back_as_it_was(database_url: str, value: Any) -> None:
    with open_world(database_url, models={"peers.bpmn": PEERS}) as world:
        case_id = world.start_case(process_key="peers")
        world.do("a", "hana", case_id=case_id, ok=True, value=value)
        (kept,) = world.rows(sa.select(keeping.history_payloads.c.body))
        assert kept.body["value"] == value
        assert world.verified().findings == ()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\x1b[2J", "x" * 200_000])
def test_text_that_no_column_holds_is_refused_by_the_form_or_kept(database_url: str, text: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        answers = answers_for(world, "record_consent") | {"given_by": text}
        try:
            world.do("record_consent", "hana", case_id=case_id, **answers)
        except Invalid:
            assert world.open_elements(case_id) == ["record_consent"]
        else:
            assert world.open_elements(case_id) == ["complete_assessment"]
        assert world.verified().findings == ()


@pytest.mark.parametrize(
    ("number", "written"),
    [("3.00", 3), ("3.5", 3.5), ("9223372036854775807", 2**63 - 1), ("1E+77", 1e77), ("1E+400", "1E+400"), ("-0", 0)],
)
def test_numbers_are_written_as_json_can(number: str, written: object) -> None:
    assert loads(dumps({"n": Decimal(number)})) == {"n": written}


def test_an_id_is_read_as_it_was_written_whatever_its_digits(database_url: str) -> None:
    ids = [UUID(int=number) for number in (0, 1, 2**64, 2**128 - 1)]
    columns = (sa.Column("id", sa.Uuid), sa.Column("none", sa.Uuid))
    kept = sa.Table("ids", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    sessions = open_sessions(database_url)
    with sessions.act() as connection:
        kept.create(connection)
        connection.execute(sa.insert(kept), [{"id": each, "none": None} for each in ids])
        found = connection.execute(sa.select(kept).where(kept.c.id.in_(ids)).order_by(kept.c.id)).all()
        kept.drop(connection)
    sessions.close()
    assert [(row.id, row.none) for row in found] == [(each, None) for each in ids]
    assert [(hash(row.id), str(row.id), row.id.is_safe) for row in found] == [
        (hash(each), str(each), each.is_safe) for each in ids
    ]
