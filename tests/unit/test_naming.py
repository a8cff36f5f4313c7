"""Names that expressions read: each place that may set one is known, and a name that nothing sets is found."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from engine.bpmn import parse_process
from engine.checking import Checked, Known, check
from engine.dmn import read_model
from engine.forms import read_form
from engine.naming import ESCALATED, MESSAGES, STARTS
from engine.operations import RECORD, SERVICE
from engine.operations.results import RESULTS
from tests.small_files import asking, escalation, form, properties, rules, service
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, message, process, start, subprocess, timer, user
from tests.worlds import model, shipped_models

ROOT = Path(__file__).parents[2]
GROUP = {"camunda_candidateGroups": "case_workers"}
ON_CASE = properties(start_on_case="Something has changed", starters="coordinator")
GATE = element("exclusiveGateway", "gate")
FORM = form("reply", "reply", "note")


def ask(form_key: str = "reply", element_id: str = "ask", inside: str = "", **attributes: str) -> str:
    return user(element_id, inside, camunda_formRef=form_key, **{**GROUP, **attributes})


def small(*elements: str, way: str, key: str = "small") -> bytes:
    """Return a process that people start on a case: what it is given is known."""
    return file_of(process(ON_CASE, start(), *elements, end(), way=way, key=key))


def judging(condition: str, *elements: str, before: str = "") -> bytes:
    """Return a process that asks, does `before`, asks again if `condition` holds, and ends."""
    way = f"start ask; ask {before + '; ' + before + ' ' if before else ''}gate; gate again [{condition}]; gate end *"
    return small(ask(), *elements, GATE, ask(element_id="again"), way=f"{way}; again end")


def found(*contents: bytes, known: Known | None = None, severity: str = "error") -> list[str]:
    """Return what is found of one severity, but that these small files have no drawing."""
    said = [str(each) for each in _checked(contents, known).findings if each.severity == severity]
    return [each for each in said if "has no drawing" not in each]


def _checked(contents: tuple[bytes, ...], known: Known | None) -> Checked:
    endings = [".bpmn" if b"/BPMN/" in each else ".dmn" if b"/DMN/" in each else ".form" for each in contents]
    files = {f"file{number}{ending}": each for number, (each, ending) in enumerate(zip(contents, endings, strict=True))}
    return check(files, known or Known())


FORK = element("parallelGateway", "fork")
JOIN = element("parallelGateway", "join")
GATED = "gate again [reply = \"yes\"]; gate end *"
LATE = "is not set yet there: “ask” sets it, and no way leads from there to here; read it after that"
LATER = [ask(), GATE, ask("other", "again")]
OTHER = form("other", "said")


def beside(*, interrupting: bool) -> bytes:
    """Return a process that is asked for a reply while the event beside it reads it."""
    event = boundary("late", "first", timer("P1D"), interrupting=interrupting)
    first = ask("other", "first")
    return small(first, event, *LATER, end("e2"), way=f"start first; first ask; ask end; late gate; {GATED}; again e2")


def test_a_name_that_is_set_only_afterwards_is_refused() -> None:
    (line,) = found(FORM, OTHER, small(*LATER, way=f"start gate; {GATED}; again ask; ask end"))
    assert line.startswith('file2.bpmn:gate_again: the condition \'reply = "yes"\': "reply" is not set yet there')
    assert LATE in line


def test_an_assignee_cannot_be_what_the_task_itself_asks() -> None:
    (line,) = found(FORM, small(ask(camunda_assignee="=reply"), way="start ask; ask end"))
    assert 'the assignee \'=reply\': "reply" is not set yet there' in line


@pytest.mark.parametrize(
    "drawn",
    [
        small(*LATER, way=f"start ask; ask gate; {GATED}; again end"),
        small(*LATER, way=f"start gate; {GATED}; again ask; ask gate"),
        small(FORK, JOIN, *LATER, way="start fork; fork ask; fork gate; gate again [reply = 1]; gate join *; ask join; "
              "again join; join end"),
        small(ask(camunda_assignee="=reply"), GATE, way="start ask; ask gate; gate ask [reply = 1]; gate end *"),
        small(ask(), boundary("b", "ask", timer("=reply"), interrupting=False), end("e2"),
              way="start ask; ask end; b e2"),
        small(subprocess(start("s1"), ask(), end("e1"), way="s1 ask; ask e1"), GATE, ask("other", "again"),
              way=f"start sub; sub gate; {GATED}; again end"),
        beside(interrupting=False),
        judging("outcome = 1", user("free", **GROUP), before="free"),
    ],
    ids=["after it", "in a loop", "on a branch beside", "the next time round", "at its boundary", "in a sub-process",
         "while an event goes its own way", "a task without a form may set anything"],
)  # fmt: skip
def test_what_may_have_come_before_is_let_pass(drawn: bytes) -> None:
    assert [line for line in found(FORM, OTHER, drawn) if "is not set yet" in line] == []


SAME = ask("other", "first")
BRANCHES = "start fork; fork ask; fork first; ask join; first join; join gate; "


@pytest.mark.parametrize(
    ("way", "said"),
    [(BRANCHES + "gate again [said = 1]; gate end *; again end", True),
     (BRANCHES + "gate again [reply = 1]; gate end *; again end", False),
     ("start ask; ask fork; fork first; fork join; first join; join gate; gate again [said = 1]; gate end *; again end",
      False)],
    ids=["read after both", "only the other name is read", "one after the other"],
)  # fmt: skip
def test_two_branches_that_set_one_name_are_said(way: str, said: bool) -> None:
    drawn = small(FORK, JOIN, ask(), SAME, GATE, user("again", **GROUP), way=way)
    told = found(form("reply", "reply", "said"), OTHER, drawn, severity="notice")
    lines = [each for each in told if "branch" in each]
    assert len(lines) == said
    if said:
        assert 'file2.bpmn:ask: it sets "said", and so does “first” on a branch beside it' in lines[0]


def test_an_event_that_ends_the_task_comes_before_what_follows_the_task() -> None:
    (line,) = found(FORM, OTHER, beside(interrupting=True))
    assert LATE in line


def test_a_task_without_a_form_sets_nothing_that_its_own_assignee_could_read() -> None:
    drawn = {"camunda_assignee": "=nonsense"}
    first = check({"file0.bpmn": small(user("free", **drawn), way="start free; free end")}).findings
    again = check(
        {"file0.bpmn": small(user("free", **GROUP), user("next", **drawn), way="start free; free next; next end")}
    ).findings
    severity = [[each.severity for each in several if "nonsense" in each.what] for several in (first, again)]
    assert severity == [["error"], ["notice"]]


READS_EARLY = process(start(), *LATER, end(), way=f"start gate; {GATED}; again ask; ask end", key="small")


def test_what_a_process_is_given_at_its_start_is_there_from_the_start() -> None:
    mapping = '<extensionElements><camunda:in source="reply" target="reply"/></extensionElements>'
    call = element("callActivity", "call", mapping, calledElement="small")
    way = "s first; first call; call e"
    caller = process(ON_CASE, start("s"), ask(element_id="first"), call, end("e"), way=way, key="caller")
    assert found(FORM, OTHER, file_of(READS_EARLY, caller)) == []


def test_nobody_knows_what_a_process_is_given_that_nothing_starts() -> None:
    assert found(FORM, OTHER, file_of(READS_EARLY)) == []


def test_a_misspelt_answer_is_refused_with_the_name_that_was_meant() -> None:
    assert found(FORM, judging('reply = "yes"')) == []
    (line,) = found(FORM, judging('replyy = "yes"'))
    assert line == (
        'file1.bpmn:gate_again: the condition \'replyy = "yes"\': "replyy" is set by nothing in this diagram; '
        'did you mean "reply"?'
    )


def test_what_is_drawn_wrong_does_not_hide_a_name_that_nothing_sets() -> None:
    odd = ask(element_id="odd", camunda_candidateGroups="bakers")
    way = 'start odd; odd ask; ask gate; gate odd [replyy = "yes"]; gate end *'
    lines = found(FORM, small(odd, ask(), GATE, way=way))
    assert [line.split(": ")[0] for line in lines] == ["file1.bpmn:odd", "file1.bpmn:gate_odd"]


@pytest.mark.parametrize(
    ("slot", "attributes"),
    [
        ("the due date", {"camunda_dueDate": "{}"}),
        ("the follow-up date", {"camunda_followUpDate": "{}"}),
        ("the assignee", {"camunda_assignee": "={}"}),
        ("the candidate groups", {"camunda_candidateGroups": "={}"}),
    ],
)
def test_every_slot_of_a_task_is_read(slot: str, attributes: dict[str, str]) -> None:
    def told(name: str) -> list[str]:
        task = ask(element_id="then", **{attribute: text.format(name) for attribute, text in attributes.items()})
        return found(FORM, small(ask(), task, way="start ask; ask then; then end"))

    (line,) = told("reply_by")
    assert f"{slot} " in line and '"reply_by" is set by nothing' in line
    assert told("reply") == []


def test_a_timer_is_read() -> None:
    def waiting(rule: str) -> bytes:
        wait = element("intermediateCatchEvent", "wait", timer(rule, "timeDate"))
        return small(ask(), wait, way="start ask; ask wait; wait end")

    assert found(FORM, waiting("reply")) == []
    assert '"repply" is set by nothing' in found(FORM, waiting("repply"))[0]


def test_facts_are_seen_by_who_is_asked_and_by_when_and_by_nothing_else() -> None:
    task = ask(camunda_assignee="=lead_professional", camunda_dueDate="next_review_on")
    assert found(FORM, small(task, way="start ask; ask end")) == []
    (line,) = found(FORM, judging("next_review_on = null"))
    assert "decisions see the case's facts" in line


def test_an_answer_of_several_rows_is_no_variable() -> None:
    rows = {"type": "dynamiclist", "id": "f", "path": "reply", "label": "Rows", "components": [
        {"type": "textfield", "id": "g", "key": "inside", "label": "What?"}]}  # fmt: skip
    assert '"reply" is set by nothing' in found(form("reply", rows), judging("reply = null"))[0]
    assert '"inside" is set by nothing' in found(form("reply", rows), judging("inside = null"))[0]


def test_the_answers_of_a_start_form_are_known() -> None:
    begun = element("startEvent", "start", camunda_formRef="reply")
    task = ask("other", camunda_dueDate="note")
    file = file_of(process(ON_CASE, begun, task, end(), way="start ask; ask end"))
    assert found(FORM, form("other", "x"), file) == []
    assert found(form("reply", "reply"), form("other", "x"), file)


def test_an_operation_s_results_are_known() -> None:
    assert found(FORM, judging("concern_open = true", service("serve", "look_for_concern"), before="serve")) == []
    lines = found(FORM, judging("concern_opened = true", service("serve", "look_for_concern"), before="serve"))
    assert 'did you mean "concern_open"?' in lines[0]


def deciding(**attributes: str) -> str:
    return element("businessRuleTask", "decide", camunda_decisionRef="paint", **attributes)


PAINT = rules("paint", ["reply"], ["tins", "brushes"], [["-", "1", "2"]])


@pytest.mark.parametrize(
    ("attributes", "condition", "wrong"),
    [
        ({"camunda_resultVariable": "result"}, "result.tins = 1", "tins = 1"),
        ({"camunda_mapDecisionResult": "singleResult"}, "tins = brushes", "result = 1"),
    ],
)
def test_a_decision_sets_its_variable_or_its_outputs(attributes: dict[str, str], condition: str, wrong: str) -> None:
    assert found(FORM, PAINT, judging(condition, deciding(**attributes), before="decide")) == []
    assert "set by nothing" in found(FORM, PAINT, judging(wrong, deciding(**attributes), before="decide"))[0]


def test_a_decision_that_is_deployed_already_is_known_by_its_rules() -> None:
    diagram = judging("tins = 1", deciding(camunda_mapDecisionResult="singleResult"), before="decide")
    paint = read_model(PAINT, name="paint.dmn")
    assert found(FORM, diagram, known=Known(decisions={"paint": paint.key}, rules={paint.key: paint})) == []
    wrong = diagram.replace(b"tins = 1", b"tinns = 1")
    assert found(FORM, wrong, known=Known(decisions={"paint": paint.key}, rules={paint.key: paint}))
    assert found(FORM, wrong, known=Known(decisions={"paint": paint.key})) == []  # nothing tells what it gives


def test_a_decision_s_inputs_are_facts_or_variables() -> None:
    ways = {"camunda_resultVariable": "result"}

    def told(asks: str, *rows: str) -> list[str]:
        return found(
            FORM,
            rules("paint", [asks], ["tins"], [["-", each] for each in rows or ("1",)]),
            judging("result = 1", deciding(**ways), before="decide"),
        )

    assert told("reply") == told("next_review_on") == []
    (line,) = told("repply")
    assert line == (
        'file2.bpmn:decide: the decision paint asks for "repply", which is no fact of the case and no variable; '
        'did you mean "reply"?'
    )
    (line,) = told("reply", "1", "twelve weeks")
    assert 'asks for "twelve weeks" in what row 2 answers, which is no fact' in line


def test_a_decision_cannot_ask_for_what_is_set_only_after_it() -> None:
    paint = deciding(camunda_resultVariable="result")
    asks = rules("paint", ["reply", "next_review_on"], ["tins"], [["-", "-", "1"]])
    (line,) = found(FORM, asks, small(paint, ask(), way="start decide; decide ask; ask end"))
    assert line.startswith('file2.bpmn:decide: the inputs of the decision paint: "reply"')
    assert LATE in line
    assert found(FORM, asks, small(ask(), paint, way="start ask; ask decide; decide end")) == []
    again = "start decide; decide ask; ask gate; gate decide [result = 1]; gate end *"
    assert found(FORM, asks, small(paint, ask(), GATE, way=again)) == [], "the next time round it is there"
    (line,) = found(rules("paint", ["result"], ["tins"], [["-", "1"]]), small(paint, way="start decide; decide end"))
    assert "“decide” sets it" in line, "its own answer comes after it"


def mapped(*lines: str) -> str:
    inside = f"<extensionElements>{''.join(f'<camunda:{line}/>' for line in lines)}</extensionElements>"
    return element("callActivity", "call", inside, calledElement="inner")


INNER = model(ask(camunda_dueDate="by"), way="start ask; ask end", key="inner")


def calling(*lines: str, condition: str = "reply = 1") -> bytes:
    return judging(condition, mapped(*lines), before="call")


@pytest.mark.parametrize(
    ("lines", "condition", "says"),
    [
        (['in source="reply" target="by"'], "reply = 1", ""),
        (['in variables="all"'], "reply = 1", '"by" is set by nothing in this diagram'),
        (['in source="replyy" target="by"'], "reply = 1", '"replyy" is set by nothing in this diagram'),
        (['in source="note" target="bye"'], "reply = 1", '"by" is set by nothing in this diagram; did you mean "bye"?'),
        (['in source="note" target="by"', 'out source="reply" target="said"'], 'said = "x"', ""),
        (['in source="note" target="by"', 'out source="repply" target="said"'], 'said = "x"',
         '"repply" is set by nothing in the process inner; did you mean "reply"?'),
        (['in source="note" target="by"', 'out variables="all"'], "by = 1", ""),
        (['in source="note" target="by"'], "by = 1", '"by" is set by nothing in this diagram'),
    ],
)  # fmt: skip
def test_what_passes_into_a_called_process_and_back(lines: list[str], condition: str, says: str) -> None:
    lines_said = found(FORM, INNER, calling(*lines, condition=condition))
    assert says in "".join(lines_said) if says else lines_said == []


def test_a_called_process_that_is_deployed_already_gives_and_takes_as_its_text_says() -> None:
    known = Known(
        processes={"inner": parse_process(INNER, name="inner.bpmn")[0]}, sources={"inner": INNER},
        forms={"reply": read_form(FORM, name="reply.form")},
    )  # fmt: skip
    assert found(calling('out variables="all"', condition="note = 1"), known=known) == []
    assert '"notte"' in found(calling('out variables="all"', condition="notte = 1"), known=known)[0]


def test_a_caller_that_is_deployed_already_says_what_a_process_is_given() -> None:
    caller = calling('in source="note" target="by"')
    known = Known(
        processes={
            each.key: each
            for source in (INNER, caller)
            for each in parse_process(source, name="x", called={"inner": parse_process(INNER, name="inner.bpmn")[0]})
        },
        sources={"inner": INNER, "small": caller}, forms={"reply": read_form(FORM, name="reply.form")},
    )  # fmt: skip
    assert found(INNER, known=known) == []
    assert '"byy" is set by nothing' in found(INNER.replace(b'"by"', b'"byy"'), known=known)[0]


EACH = (
    '<multiInstanceLoopCharacteristics camunda:collection="{}" camunda:elementVariable="person">'
    "<completionCondition>{}</completionCondition></multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize(
    ("collection", "until", "assignee", "says"),
    [
        ("reply", "nrOfCompletedInstances > 1", "person", ""),
        ("reply", "loopCounter > 1", "person", ""),
        ("repply", "nrOfInstances > 1", "person", "the collection 'repply'"),
        ("person", "nrOfInstances > 1", "person", "the collection 'person'"),
        ("reply", "nrOfInstancess > 1", "person", '"nrOfInstancess"'),
        ("reply", "nrOfInstances > 1", "persson", 'did you mean "person"?'),
    ],
)
def test_the_items_and_counts_of_a_repeated_task(collection: str, until: str, assignee: str, says: str) -> None:
    until = until.replace(">", "&gt;")
    task = ask(element_id="each", inside=EACH.format(collection, until), camunda_assignee=f"={assignee}")
    said = found(FORM, small(ask(), task, way="start ask; ask each; each end"))
    assert says in "".join(said) if says else said == []


def test_an_item_is_known_within_its_task_and_nowhere_else() -> None:
    task = ask(element_id="each", inside=EACH.format("reply", "loopCounter = 1"), camunda_assignee="=person")
    again = ask(element_id="again", camunda_assignee="=person")
    (line,) = found(FORM, small(ask(), task, again, way="start ask; ask each; each again; again end"))
    assert line.startswith("file1.bpmn:again:")


PARAMETERS = (
    "<extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="limit">={}</camunda:inputParameter>'
    '<camunda:outputParameter name="kept">={}</camunda:outputParameter>'
    "</camunda:inputOutput></extensionElements>"
)


@pytest.mark.parametrize(
    ("source", "result", "condition", "says"),
    [
        ("reply", "limit", "kept = 1", ""),
        ("limit", "limit", "kept = 1", "the parameter 'limit'"),
        ("reply", "limmit", "kept = 1", 'did you mean "limit"?'),
        ("reply", "limit", "limit = 1", "the condition"),
    ],
)
def test_inputs_are_known_within_the_activity_and_outputs_after_it(
    source: str, result: str, condition: str, says: str
) -> None:
    serve = service("serve", "tell_members").replace(
        "></serviceTask>", f">{PARAMETERS.format(source, result)}</serviceTask>"
    )
    said = found(FORM, judging(condition, serve, before="serve"))
    assert says in "".join(said) if says else said == []


def test_a_boundary_timer_sees_what_its_task_sees() -> None:
    task = ask(element_id="each", inside=EACH.format("reply", "loopCounter = 1"))
    late = boundary("late", "each", timer("person", "timeDate"), interrupting=False)
    way = "start ask; ask each; each end; late end"
    assert found(FORM, small(ask(), task, late, way=way)) == []


HEARS = element("intermediateCatchEvent", "hear", message())


def test_a_message_brings_what_its_sender_has() -> None:
    tells = element("intermediateThrowEvent", "tell", message())
    sender = small(ask("other"), tells, way="start ask; ask tell; tell end", key="sender")
    hearer = judging("told = 1", HEARS, before="hear")
    assert found(FORM, form("other", "told"), sender, hearer) == []
    assert '"told" is set by nothing' in found(FORM, form("other", "tolled"), sender, hearer)[0]


def test_a_message_that_the_engine_sends_brings_what_it_is_known_to_bring() -> None:
    hearer = judging("away_from = 1", HEARS, before="hear").replace(b'name="news"', b'name="lead_professional_away"')
    assert found(FORM, hearer) == []
    assert found(FORM, hearer.replace(b"away_from =", b"away_since ="))


def test_a_message_nobody_here_sends_may_bring_anything() -> None:
    diagram = judging("told = 1", HEARS, before="hear")
    assert found(FORM, diagram) == []
    assert '"told" is set by nothing' in found(FORM, diagram, severity="notice")[0]


def test_a_process_that_nothing_here_starts_may_be_given_anything() -> None:
    diagram = judging("told = 1").replace(ON_CASE.encode(), b"")
    assert found(FORM, diagram) == []
    assert '"told" is set by nothing' in found(FORM, diagram, severity="notice")[0]


@pytest.mark.parametrize("condition", ["reasons = null", "reason = null"])
def test_a_process_that_escalation_rules_start_is_given_the_reasons(condition: str) -> None:
    diagram = judging(condition).replace(ON_CASE.encode(), b"")
    said = found(FORM, escalation(("-", "stalled", "line_manager", "line_manager", "small")), diagram)
    assert said == [] if "reasons" in condition else 'did you mean "reasons"?' in said[0]


def test_a_task_without_a_form_may_answer_anything() -> None:
    diagram = asking("", camunda_dueDate="=by")
    assert found(diagram) == []
    assert '"by" is set by nothing' in found(diagram, severity="notice")[0]


def test_without_the_forms_nothing_is_said() -> None:
    files = {"a.bpmn": judging('replyy = "yes"')}
    assert not [each for each in check(files).findings if "set by nothing" in str(each)]
    assert check({**files, "b.form": FORM}).errors


@pytest.mark.parametrize(
    "condition",
    [
        "some each in [1, 2] satisfies each = reply",
        "count([1, 2][item > 1]) = 1",
        "string length(reply) = 2 and years and months duration(today(), today()) = null",
        "{size: 1, twice: size * 2}.twice = 2",
        "(function(x) x + 1)(2) = 3",
        "add working days(today(), 10) = null",
        'reply.note = "x" and [{a: 1}][a = 1] != null',
        "for day in [1] return day + 1",
    ],
)
def test_names_that_feel_itself_gives_are_no_strays(condition: str) -> None:
    assert found(FORM, judging(condition)) == []


def hidden(condition: str) -> bytes:
    detail = {"type": "textfield", "id": "d", "key": "detail", "label": "Which?", "conditional": {"hide": condition}}
    return form("reply", "reply", detail)


def test_a_question_hidden_by_no_question_of_its_form_is_refused() -> None:
    assert found(hidden('=reply = "no"'), judging("reply = 1")) == []
    (line,) = found(hidden('=repply = "no"'), judging("reply = 1"))
    assert line == (
        'file0.form:reply: "repply" is no question of this form, and no variable of a diagram that uses it; '
        'did you mean "reply"?'
    )


def test_a_question_may_be_hidden_by_a_variable_of_the_diagram() -> None:
    known = judging("concern_open = true", service("serve", "look_for_concern"), before="serve")
    assert found(hidden("=concern_open = true"), known) == []
    assert found(hidden("=concern_open = true"), judging("reply = 1"))
    assert found(hidden("=concern_open = true"))  # no diagram uses it
    assert check({"a.form": hidden("=concern_open = true")}).findings == ()  # and here none is at hand


def test_every_operation_says_what_it_gives_back() -> None:
    assert RESULTS.keys() == RECORD.keys() | SERVICE.keys()


def test_what_the_engine_starts_and_sends_is_shipped() -> None:
    keys = {each.key for group in check(shipped_models(), Known()).processes.values() for each in group}
    assert keys >= STARTS.keys()
    heard = b"".join(shipped_models().values())
    assert all(f'name="{name}"'.encode() in heard for name in MESSAGES)


def test_the_shipped_files_pass_in_silence() -> None:
    assert check(shipped_models(), Known()).findings == ()


def given_in_code() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield `start` or `message`, the name, and what is given with it, for every place of the engine that names one."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for call in ast.walk(ast.parse(path.read_text())):
            called = ast.unparse(call.func).rpartition(".")[2] if isinstance(call, ast.Call) else ""
            if isinstance(call, ast.Call) and called in CALLED and len(call.args) >= CALLED[called]:
                names = vars(import_module(module))
                named, kept = call.args[CALLED[called] - 1], {each.arg: each.value for each in call.keywords}
                given = kept.get("variables") or (
                    call.args[-1] if len(call.args) > CALLED[called] else ast.Dict([], [])
                )
                if isinstance(given, ast.Dict) and (name := constant(named, names)):
                    keys = frozenset(ast.literal_eval(key) for key in given.keys if key is not None)
                    yield "start" if called == "start_process" else "message", name, keys


CALLED = {"start_process": 2, "send_message": 2, "queue": 3}
"""The calls that give variables to diagrams, and which of their arguments names the process or message."""


def constant(named: ast.expr, names: dict[str, object]) -> str | None:
    """Return the text that a name of a module stands for; None for what is worked out at run time."""
    if isinstance(named, ast.Attribute) and isinstance(named.value, ast.Name):
        return str(getattr(names.get(named.value.id), named.attr, "")) or None
    found = names.get(named.id) if isinstance(named, ast.Name) else None
    return found if isinstance(found, str) else None


def test_what_the_engine_gives_is_what_its_code_gives() -> None:
    found = list(given_in_code())
    assert {kind for kind, _, _ in found} == {"start", "message"}
    for kind, name, keys in found:
        table, gives = (STARTS, ESCALATED) if kind == "start" else (MESSAGES, frozenset())
        assert keys <= table.get(name, gives), f"{kind} {name} is given {sorted(keys)}"
        assert name in table, f"{kind} {name}"
