"""What is taken of an upgrade is in the own copy as the upgrade has it, and all else stays as it was."""

from __future__ import annotations

import json

import pytest

from engine.adapting import can_be_taken, taken
from engine.checking import check
from engine.comparing import choices, differences
from engine.errors import Invalid
from tests.small_files import form, rules
from tests.unit.bpmn.diagrams import user
from tests.worlds import model

THEN = model(user("ask", name="Ask"), way="start ask; ask end")
NOW = model(user("ask", name="Ask the family"), user("agree", name="Agree"), way="start ask; ask agree; agree end")
YOURS = THEN.replace(b'name="Ask"', b'name="Ask by telephone"')


def test_a_step_that_an_upgrade_puts_in_between_comes_with_its_ways() -> None:
    offered = choices("small.bpmn", then=THEN, now=NOW, yours=YOURS)
    clean = {each.key for each in offered if each.clean}
    assert "ask" not in clean and "agree" in clean
    merged = taken("small.bpmn", yours=YOURS, now=NOW, keys=clean)
    left = differences("small.bpmn", NOW, merged).changes
    assert [(each.key, [part.now for part in each.parts]) for each in left] == [("ask", ["Ask by telephone"])]
    assert not [each for each in check({"small.bpmn": merged}).errors if "way" in each.what]


def test_a_step_that_an_upgrade_takes_out_goes_with_its_ways_and_where_it_is_drawn() -> None:
    offered = choices("small.bpmn", then=NOW, now=THEN, yours=NOW)
    merged = taken("small.bpmn", yours=NOW, now=THEN, keys={each.key for each in offered})
    assert differences("small.bpmn", THEN, merged).changes == ()
    assert b'"agree"' not in merged


def test_rows_are_taken_one_by_one_and_own_rows_stay() -> None:
    then = rules("paint", ["colour"], ["tins"], [["-", "1"], ['"red"', "2"], ['"blue"', "3"]])
    now = then.replace(b">1<", b">10<").replace(b">2<", b">20<")
    yours = then.replace(b">3<", b">33<")
    first, second = (each.key for each in choices("paint.dmn", then=then, now=now, yours=yours))
    merged = taken("paint.dmn", yours=yours, now=now, keys={second})
    assert b">20<" in merged and b">33<" in merged and b">10<" not in merged
    assert {each.key for each in differences("paint.dmn", yours, merged).changes} == {second} != {first}


def test_fields_are_taken_where_the_upgrade_has_them() -> None:
    then, yours = form("ask", "colour"), json.loads(form("ask", "colour"))
    now = json.loads(then)
    now["components"].insert(0, {"type": "textfield", "id": "new", "key": "size", "label": "Which size?"})
    yours["components"].append({"type": "textfield", "id": "ours", "key": "ours", "label": "Ours?"})
    merged = json.loads(
        taken("ask.form", yours=json.dumps(yours).encode(), now=json.dumps(now).encode(), keys={"new"})
    )
    assert merged["components"][0].get("id") == "new"
    assert merged["components"][-1].get("id") == "ours"
    assert len(merged["components"]) == len(yours["components"]) + 1


def test_nothing_taken_changes_no_byte_and_what_is_unsafe_is_refused() -> None:
    assert taken("small.bpmn", yours=YOURS, now=NOW, keys=()) == YOURS
    with pytest.raises(Invalid):
        taken("small.bpmn", yours=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', now=NOW, keys={"agree"})
    assert can_be_taken("x.dmn", "Rule") and not can_be_taken("x.dmn", "Decision")
