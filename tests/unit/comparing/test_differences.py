"""What changed between two texts: found in diagrams, rules and forms, said in words, quiet about what says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.comparing import choices, differences
from tests.small_files import asking, form, rules
from tests.unit.bpmn.diagrams import user
from tests.worlds import model

ROOT = Path(__file__).parents[3]
DIAGRAM = asking("ask")
TABLE = rules("paint", ["colour"], ["tins"], [["-", "1"], ['"red"', "2"], ['"blue"', "3"]])


def said(file: str, before: bytes | None, after: bytes | None) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    found = differences(file, before, after)
    assert not found.problem
    return [
        (each.kind, each.called, [(part.name, part.was, part.now) for part in each.parts]) for each in found.changes
    ]


def test_a_step_that_is_renamed_and_given_to_others_is_one_change_and_its_ways_are_none() -> None:
    before = model(user("ask", name="Ask", camunda_candidateGroups="case_workers"), way="start ask; ask end")
    after = model(user("ask", name="Ask them", camunda_candidateGroups="coordinators"), way="start ask; ask end")
    assert said("x.bpmn", before, after) == [
        ("changed", "Step “Ask them”", [("name", "Ask", "Ask them"),
                                        ("who may do it", "Case workers", "Coordinators")])
    ]  # fmt: skip


def test_a_step_that_is_put_in_between_shows_with_the_way_that_goes_elsewhere_now() -> None:
    before = model(user("ask", name="Ask"), way="start ask; ask end")
    after = model(user("ask", name="Ask"), user("agree", name="Agree"), way="start ask; ask agree; agree end")
    found = said("x.bpmn", before, after)
    assert ("added", "Step “Agree”") in [each[:2] for each in found]
    assert {kind for kind, called, _ in found if called.startswith("Way")} <= {"added", "removed", "changed"}
    back = said("x.bpmn", after, before)
    assert ("removed", "Step “Agree”", []) in back


def test_what_is_only_drawn_otherwise_is_said_to_be_so() -> None:
    found = differences("x.bpmn", DIAGRAM, DIAGRAM.replace(b"><", b">\n<"))
    assert (found.changes, found.only_drawn) == ((), True)
    assert differences("x.bpmn", DIAGRAM, DIAGRAM) == differences("x.bpmn", None, None)


def test_a_rule_changes_moves_comes_and_goes() -> None:
    shipped = (ROOT / "rules" / "timescales.dmn").read_bytes()
    (only,) = said("t.dmn", shipped, shipped.replace(b"<text>5</text>", b"<text>6</text>", 1))
    assert only[:2] == ("changed", "Rule “consent days default”")
    assert [part[1:] for part in only[2]] == [("5", "6")]
    start, end = shipped.index(b'<rule id="consent_ends'), shipped.index(b'<rule id="consent_lapsed')
    rule, rest = shipped[start:end], shipped[:start] + shipped[end:]
    assert said("t.dmn", shipped, rest) == [("removed", "Rule “consent ends days default”", [])]
    last = rest.rindex(b"</decisionTable>")
    assert said("t.dmn", shipped, rest[:last] + rule + rest[last:]) == [
        ("moved", "Rule “consent ends days default”", [])
    ]
    (added, *more) = said("t.dmn", rest, shipped)
    assert (added[:2], more) == (("added", "Rule “consent ends days default”"), [])


def test_a_field_of_a_form_changes_its_question_and_whether_it_must_be_answered() -> None:
    before = form("ask", "colour")
    given = json.loads(before)
    given["components"][0] |= {"label": "Which colour is it?", "validate": {"required": True}}
    ((kind, called, parts),) = said("ask.form", before, json.dumps(given).encode())
    assert (kind, called) == ("changed", "Field “Which colour is it?”")
    assert ("must be answered", "", "yes") in parts and "question" in {name for name, _, _ in parts}


def test_a_new_file_is_all_added_and_one_that_is_gone_all_removed() -> None:
    assert {kind for kind, _, _ in said("x.dmn", None, TABLE)} == {"added"}
    assert {kind for kind, _, _ in said("x.dmn", TABLE, None)} == {"removed"}


@pytest.mark.parametrize("file", ["x.bpmn", "x.dmn", "x.form"])
@pytest.mark.parametrize(
    "text", [b"", b"<a", b"{", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe", b"[1]", b"<a/>"]
)
def test_what_cannot_be_read_is_said_and_never_raised(file: str, text: bytes) -> None:
    found = differences(file, text, DIAGRAM if file.endswith("bpmn") else TABLE)
    assert bool(found.problem) != bool(found.changes)


def test_an_upgrade_says_what_it_changes_and_what_was_changed_here_too() -> None:
    then = rules("paint", ["colour"], ["tins"], [["-", "1"], ['"red"', "2"], ['"blue"', "3"]])
    now = then.replace(b">1<", b">10<").replace(b">2<", b">20<").replace(b">3<", b">30<")
    yours = then.replace(b">2<", b">22<").replace(b">3<", b">30<")
    found = choices("x.dmn", then=then, now=now, yours=yours)
    assert [(each.clean, each.same) for each in found] == [(True, False), (False, False), (False, True)]
    assert choices("x.dmn", then=then, now=then, yours=yours) == ()
