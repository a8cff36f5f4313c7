"""Values that JSON or a database cannot hold are refused in words, whichever slot they come through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import user_tasks
from engine.errors import Invalid
from engine.store.json import dumps, loads
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
