"""What is taken of an upgrade is in the own copy as the upgrade has it, and all else stays as it was."""

from __future__ import annotations

import json
import re
from itertools import count

import pytest

from engine.adapting import can_be_taken, taken
from engine.checking import check
from engine.comparing import choices, differences
from engine.errors import Invalid
from engine.outlines.tables import Tables
from tests.small_files import form, rules
from tests.unit.bpmn.diagrams import user
from tests.unit.web.service import model_files
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
    assert can_be_taken("x.dmn", "Rule", "added") and can_be_taken("x.bpmn", "Pool", "changed")
    assert not can_be_taken("x.bpmn", "Pool", "added") and not can_be_taken("x.yaml", "Rule", "changed")


PLAN = model_files()["agree_plan.bpmn"]
SERVICE_LANE = re.search(rb'<bpmn:lane id="(\w+)" name="The service">(.*?)</bpmn:lane>', PLAN, re.DOTALL)


def test_a_lane_and_a_pool_take_what_is_said_of_them_and_keep_what_stands_in_them() -> None:
    assert SERVICE_LANE is not None
    now = PLAN.replace(b'name="The service"', b'name="What the service does"')
    now = now.replace(b'name="The first plan"', b'name="The plan of support"')
    yours = PLAN.replace(b'name="Tell the team"', b'name="Tell everybody"')
    offered = choices("agree_plan.bpmn", then=PLAN, now=now, yours=yours)
    lane = SERVICE_LANE[1].decode()
    assert lane in {each.key for each in offered if each.clean}
    merged = taken("agree_plan.bpmn", yours=yours, now=now, keys={each.key for each in offered})
    assert not {change.key for change in differences("agree_plan.bpmn", yours, merged).changes} - {
        each.key for each in offered
    }  # fmt: skip
    assert b'name="What the service does"' in merged and b'name="Tell everybody"' in merged
    assert merged.count(b"<bpmn:flowNodeRef>") == PLAN.count(b"<bpmn:flowNodeRef>")
    assert check({"agree_plan.bpmn": merged}).findings == check({"agree_plan.bpmn": yours}).findings


def test_a_new_lane_takes_its_steps_along_and_one_that_is_gone_leaves_them() -> None:
    assert SERVICE_LANE is not None
    ref = b"<bpmn:flowNodeRef>tell_members</bpmn:flowNodeRef>"
    assert ref in SERVICE_LANE[0]
    added = b'<bpmn:lane id="lane_team" name="The team">' + ref + b"</bpmn:lane>"
    now = PLAN.replace(ref, b"").replace(b"</bpmn:laneSet>", added + b"</bpmn:laneSet>")
    merged = taken("agree_plan.bpmn", yours=PLAN, now=now, keys={"lane_team"})
    assert merged.count(ref) == 1 and b'name="The team"' in merged
    back = taken("agree_plan.bpmn", yours=merged, now=PLAN, keys={"lane_team"})
    assert b"lane_team" not in back and b'<bpmn:serviceTask id="tell_members"' in back
    again = taken("agree_plan.bpmn", yours=back, now=PLAN, keys={"tell_members"})
    assert again.count(ref) == 1, "a step goes to the lane in which the upgrade has it"


def test_a_decision_takes_what_is_said_of_it_and_a_new_one_comes_whole() -> None:
    then = rules("paint", ["colour"], ["tins"], [["-", "1"]])
    named = then.replace(b'hitPolicy="FIRST"', b'hitPolicy="COLLECT"') if b'hitPolicy="FIRST"' in then else (
        re.sub(rb"<decisionTable ", b'<decisionTable hitPolicy="COLLECT" ', re.sub(rb' hitPolicy="\w+"', b"", then))
    )
    yours = then.replace(b">1<", b">5<")
    (choice,) = choices("paint.dmn", then=then, now=named, yours=yours)
    merged = taken("paint.dmn", yours=yours, now=named, keys={choice.key})
    assert b"COLLECT" in merged and b">5<" in merged
    brush = b'<decision id="brush" name="Brush"><literalExpression><text>2</text></literalExpression></decision>'
    more = then.replace(b"</definitions>", brush + b"</definitions>")
    assert more != then
    assert b'id="brush"' in taken("paint.dmn", yours=yours, now=more, keys={"brush"})
    assert b'id="brush"' not in taken("paint.dmn", yours=more, now=then, keys={"brush"})


def named(table: bytes) -> bytes:
    """Return a rules file whose columns and rows have ids, as editors write them."""
    number = count(1)
    return re.sub(rb"<(input|output|rule)(?=[ >])(?![^>]* id=)", lambda found: (
        f'<{found[1].decode()} id="{found[1].decode()}_{next(number)}"'.encode()
    ), table)  # fmt: skip


def test_a_column_comes_with_its_cells_and_goes_with_them() -> None:
    then = named(rules("paint", ["colour"], ["tins"], [["-", "1"], ['"red"', "2"]]))
    now = named(rules("paint", ["colour", "size"], ["tins"], [["-", "> 3", "1"], ['"red"', "-", "2"]]))
    yours = then.replace(b">2<", b">7<")
    added = next(each for each in choices("paint.dmn", then=then, now=now, yours=yours) if each.upgrade.kind == "added")
    merged = taken("paint.dmn", yours=yours, now=now, keys={added.key})
    rows = [rule.cells for rule in Tables(merged, name="paint.dmn").all()[0].rules]
    assert [(row["input_1"], row["input_2"], row["output_1"]) for row in rows] == [
        ("-", "> 3", "1"), ('"red"', "-", "7"),
    ]  # fmt: skip
    left = taken("paint.dmn", yours=merged, now=then, keys={added.key})
    assert differences("paint.dmn", yours, left).changes == ()
