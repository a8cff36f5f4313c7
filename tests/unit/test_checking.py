"""Checking files together without a database, as `caf lint` does: what refers to nothing known goes unchecked."""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

import pytest

from engine.bpmn import parse_process
from engine.checking import Known, check, kind_of
from engine.errors import Invalid
from engine.forms import read_form
from tests.small_files import asking, form, rules
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, process, start, timer, user
from tests.worlds import model, shipped_models

RULES = rules("paint", ["colour"], ["tins"], [["-", "1"]])


def said(files: dict[str, bytes], known: Known | None = None) -> list[str]:
    return [str(finding) for finding in check(files, known).errors]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("a.bpmn", "process"),
        ("folder/a.DMN", "rules"),
        ("a.b.form", "form"),
        ("process.bpmn.form", "form"),
        ("a.tests.yaml", "examples"),
        ("process.bpmn.tests.yaml", "examples"),
    ],
)
def test_the_ending_says_what_a_file_is(file: str, kind: str) -> None:
    assert kind_of(file) == kind


ENDLESS = {
    "digits": "9" * 20_000,
    "a name": "x" * 20_000,
    "words": "no such thing " * 1_500,
    "a Java expression": "${" + "y." * 9_000 + "}",
    "a number in FEEL": "=1 + " + "9" * 20_000,
    "an open text": '="' + "z" * 20_000,
}


def _drawn(*elements: str, way: str) -> dict[str, bytes]:
    return {"a.bpmn": model(*elements, way=way)}


def _decided(text: str) -> str:
    return element("businessRuleTask", "a", camunda_decisionRef="paint", camunda_resultVariable=text)


def _cells(*cells: str) -> dict[str, bytes]:
    return {"a.dmn": rules("paint", ["colour"], ["tins"], [list(cells)])}


PLACES = {
    "a condition": lambda text: _drawn(element("exclusiveGateway", "g"), way=f"start g; g end [{text}]; g end *"),
    "an assignee": lambda text: _drawn(user("a", camunda_assignee=text), way="start a; a end"),
    "a due date": lambda text: _drawn(user("a", camunda_dueDate=text), way="start a; a end"),
    "a timer": lambda text: _drawn(user("a"), boundary("b", "a", timer(text)), end("e"), way="start a; a end; b e"),
    "a result": lambda text: _drawn(_decided(text), way="start a; a end"),
    "an id": lambda text: {"a.bpmn": asking("").replace(b'id="ask"', f"id={quoteattr(text)}".encode())},
    "a cell": lambda text: _cells(text, "1"),
    "an output": lambda text: _cells("-", text),
    "a key": lambda text: {"a.form": form("a", "x").replace(b'"x"', json.dumps(text).encode())},
    "a schema version": lambda text: {"a.form": json.dumps({"components": [], "schemaVersion": text}).encode()},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ENDLESS)
def test_what_was_entered_is_repeated_by_its_beginning_only(place: str, kind: str) -> None:
    for line in map(str, check(PLACES[place](ENDLESS[kind])).findings):
        assert len(line) < 700, line[:300]


def test_a_short_text_is_repeated_whole() -> None:
    assert any("the condition 'paid(1)' calls" in line for line in said(PLACES["a condition"]("paid(1)")))


@pytest.mark.parametrize("file", ["a", "a.xml", "a.bpmn.bak", ".bpmn", "a.json", "a.yaml", ""])
def test_other_endings_are_refused(file: str) -> None:
    with pytest.raises(Invalid, match=r"only \.bpmn, \.dmn, \.form, \.tests\.yaml and \.scenario\.yaml files"):
        kind_of(file)


def test_the_shipped_models_are_sound_by_themselves() -> None:
    checked = check(shipped_models(), Known())
    assert checked.errors == ()
    keys = {process.key for each in checked.processes.values() for process in each}
    assert keys == {file.removesuffix(".bpmn") for file in shipped_models() if file.endswith(".bpmn")}
    assert len(keys) > 12


def test_without_knowing_what_is_deployed_references_go_unchecked() -> None:
    files = {"a.bpmn": asking("elsewhere")}
    assert said(files) == []
    (line,) = said(files, Known())
    assert line.startswith("a.bpmn:ask: there is no form 'elsewhere'")
    assert said(files, Known(forms={"elsewhere": read_form(form("elsewhere", "x"), name="e.form")})) == []


def test_a_decision_of_another_file_or_one_deployed_is_known() -> None:
    asks = element("businessRuleTask", "decide", camunda_decisionRef="paint", camunda_resultVariable="tins")
    files = {"a.bpmn": model(asks, way="start decide; decide end")}
    assert "paint" in said(files, Known())[0]
    assert said(files, Known(decisions={"paint": "paint_rules"})) == []
    assert said({**files, "b.dmn": RULES}, Known()) == []


def calling(key: str, called: str) -> bytes:
    call = element("callActivity", "call", calledElement=called)
    return model(call, way="start call; call end", key=key)


def test_a_called_process_may_be_in_another_file_in_any_order_or_deployed() -> None:
    inner = asking("", key="inner")
    assert said({"a.bpmn": calling("outer", "inner"), "b.bpmn": inner}, Known()) == []
    assert said({"b.bpmn": calling("outer", "inner"), "a.bpmn": inner}, Known()) == []
    deployed = {"inner": parse_process(inner, name="inner.bpmn")[0]}
    assert said({"a.bpmn": calling("outer", "inner")}, Known(processes=deployed)) == []


def test_processes_that_call_each_other_in_a_ring_are_refused() -> None:
    ring = {"a.bpmn": calling("one", "two"), "b.bpmn": calling("two", "three"), "c.bpmn": calling("three", "one")}
    assert said(ring, Known())
    assert said({"a.bpmn": calling("one", "one")}, Known())


def test_a_bad_callee_does_not_hide_what_is_wrong_with_its_caller() -> None:
    files = {
        "inner.bpmn": model(element("scriptTask", "odd"), way="start odd; odd end", key="inner"),
        "outer.bpmn": model(
            element("callActivity", "call", calledElement="inner"), user("lost", camunda_candidateGroups="bakers"),
            way="start call; call lost; lost end", key="outer",
        ),
    }  # fmt: skip
    lines = said(files, Known())
    assert any(line.startswith("inner.bpmn:odd: ") for line in lines)
    assert any(line.startswith("outer.bpmn:lost: ") and "bakers" in line for line in lines)


def test_a_form_that_asks_for_choices_nobody_has_is_refused() -> None:
    select = {"type": "select", "key": "who", "label": "Who?", "properties": {"options": "bakers"}}
    lines = said({"a.form": form("a", select)})
    assert len(lines) == 1
    assert lines[0].startswith("a.form:")


def test_a_rules_file_may_use_the_authority_s_calendar_and_nothing_else() -> None:
    assert said({"a.dmn": rules("paint", ["next working day(today())"], ["tins"], [["-", "1"]])}) == []
    (line,) = said({"a.dmn": rules("paint", ["fetch(colour)"], ["tins"], [["-", "1"]])})
    assert line.startswith("a.dmn:paint: ")
    assert "fetch" in line


def test_a_diagram_with_too_many_ways_says_that_not_all_were_tried() -> None:
    names = [f"t{number}" for number in range(16)]
    way = "start some;" + ";".join(f"some {name} [x = {name}]; {name} all" for name in names) + "; all end"
    gates = [element("inclusiveGateway", name) for name in ("some", "all")]
    checked = check({"a.bpmn": file_of(process(start(), *gates, *map(user, names), end(), way=way))})
    assert "too many ways through it" in checked.gave_up["a.bpmn"]


def test_findings_come_with_the_files_in_order_of_their_names() -> None:
    files = dict.fromkeys(("c.bpmn", "a.bpmn", "b.bpmn"), b"<")
    assert [line.split(":")[0] for line in said(files)] == ["a.bpmn", "b.bpmn", "c.bpmn"]


@pytest.mark.parametrize("name", ["a.bpmn", "a.dmn", "a.form"])
@pytest.mark.parametrize("text", [b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"<a/>", b"{}", b'{"components": 1}'])
def test_no_content_is_ever_raised(name: str, text: bytes) -> None:
    assert said({name: text}, Known())


def telling(level: str = '"remind"', addressee: str = '"assessor"', process: str = "null") -> bytes:
    columns = ("reason", "sentence", "level", "addressee", "process")
    said = [
        ("-", '"one"', '"One."', '"remind"', '"assessor"', "null"),
        ("-", '"two"', '"Two."', level, addressee, process),
    ]
    return rules("escalation", ("days_silent",), columns, said, policy="COLLECT")


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"level": '"lin_manager"'}, "level", "there is no level 'lin_manager'"),
        ({"addressee": '"lin_manager"'}, "addressee", "nobody is called 'lin_manager'"),
        ({"addressee": '["line_manager"]'}, "addressee", "is not a text"),
        ({"addressee": "-"}, "addressee", "says nothing"),
        ({"process": '["stalled_plan"]'}, "process", "is not a text"),
        ({"process": "{a: 1}"}, "process", "is not a text"),
        ({"process": "5"}, "process", "is not a text"),
    ],
)
def test_escalation_rules_must_name_what_exists(cells: dict[str, str], column: str, words: str) -> None:
    (line,) = said({"e.dmn": telling(**cells)}, Known())
    assert line.startswith("e.dmn:escalation: ")
    assert f"row 2, column '{column}'" in line
    assert words in line


def test_a_process_that_escalation_rules_start_may_come_with_them_or_be_deployed() -> None:
    files = {"e.dmn": telling(process='"small"')}
    other = {
        "other.bpmn": model(user("ask", camunda_candidateGroups="case_workers"), way="start ask; ask end", key="other")
    }
    (line,) = said({**files, **other}, Known())
    assert line.startswith("e.dmn:escalation: row 2, column 'process': there is no process 'small'")
    assert said(files, Known()) == [], "rules may come first"
    small = model(user("ask", camunda_candidateGroups="case_workers"), way="start ask; ask end", key="small")
    assert said({**files, "small.bpmn": small}, Known()) == []
    (deployed,) = parse_process(small, name="small.bpmn")
    assert said(files, Known(processes={"small": deployed})) == []


def test_what_escalation_rules_work_out_is_left_to_the_judging() -> None:
    assert said({"e.dmn": telling(level='if days_silent > 3 then "replan" else "remind"')}, Known()) == []


def test_every_fault_of_a_form_is_a_finding_of_its_own() -> None:
    parts = [
        {"type": "textfield", "key": "colour", "validate": {"maxLength": "many"}},
        {"type": "group", "label": "Size", "components": [
            {"type": "number", "key": "tins", "label": "Tins", "conditional": {"hide": "=1 +"}}]},
        {"type": "iframe", "id": "map"},
        {"type": "select", "key": "shop", "label": "Shop", "properties": {"options": "shops"}},
        {"type": "textfield", "key": "act", "label": "Act"},
    ]  # fmt: skip
    found = said({"ask.form": json.dumps({"id": "ask", "components": parts}).encode()})
    assert [line.partition(": Expected")[0].partition("; ")[0] for line in found] == [
        "ask.form:colour: it has no label",
        "ask.form:colour: “maxLength” must be a whole number from 1 to 1,000",
        "ask.form:tins: the condition that hides it is not FEEL",
        "ask.form:map: components of type “iframe” are not supported",
        "ask.form:shop: the choices 'shops' do not exist",
        "ask.form:act: this key is the page's own",
    ]


def test_every_fault_of_a_rules_file_is_a_finding_of_its_own() -> None:
    rows = [["1 +", "1"], ["sum(other)", "tins("], ["-", "1"]]
    brush = b'<decision id="brush" name="Brush"><decisionTable hitPolicy="MOST"/></decision>'
    sound = rules("paint", ["colour"], ["tins"], rows)
    found = said({"paint.dmn": sound.replace(b"</definitions>", brush + b"</definitions>")})
    assert [line.partition("paint.dmn:")[2].partition(": `")[0].partition(";")[0] for line in found] == [
        "paint: decision 'paint' (paint), row 1, column 'colour'",
        "paint: decision 'paint' (paint), row 2, column 'tins'",
        "brush: decision 'Brush' (brush): there is no hit policy 'MOST'",
    ]
