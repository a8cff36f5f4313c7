"""What is drawn is checked while it is drawn, by the same door as deploying: every silent trap is caught there."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest

from engine.clock import FakeClock
from engine.commands import deployments, model_drafts
from engine.errors import Invalid, NotPermitted
from engine.queries import model_checks
from engine.queries import model_drafts as stored
from tests.conftest import MONDAY_MORNING
from tests.unit.bpmn.lint.snippets import ASK, file, wrapped
from tests.unit.web.service import Service, Visitor, model_files, new_service

ROOT = Path(__file__).parents[3]
TOLD = '<startEvent id="start"/>{}<endEvent id="finish"/>'
CATCH = wrapped('<intermediateCatchEvent id="wait">{}</intermediateCatchEvent>', "start>wait>finish")
ON_TASK = TOLD.format(ASK + '<boundaryEvent id="late" attachedToRef="ask"{}</boundaryEvent><endEvent id="over"/>')
INSIDE = '<startEvent id="in"/><endEvent id="out"/><sequenceFlow id="io" sourceRef="in" targetRef="out"/>'
ON_ERROR = INSIDE.replace('"in"/>', '"in"><errorEventDefinition/></startEvent>', 1)
GATE = '<{} id="gate"/><userTask id="a" camunda:candidateGroups="case_workers"/>' + ASK
CYCLE = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"

TRAPS: dict[str, tuple[str, str, str, str]] = {
    # What is drawn: its inside, its flows, the element, and a word of what is said of it.
    "a task of no kind": (wrapped('<task id="ask"/>'), "", "ask", "without a kind"),
    "a script": (wrapped('<scriptTask id="ask"/>'), "", "ask", "scripts do not run"),
    "a service without an operation": (wrapped('<serviceTask id="ask"/>'), "", "ask", "names no operation"),
    "a rule task without a decision": (wrapped('<businessRuleTask id="ask"/>'), "", "ask", "names no decision"),
    "a form inside the diagram": (
        wrapped(ASK[:-2] + "><extensionElements><camunda:formData/></extensionElements></userTask>"),
        "", "ask", "not read",
    ),
    "a listener": (
        wrapped(ASK[:-2] + "><extensionElements><camunda:taskListener/></extensionElements></userTask>"),
        "", "ask", "listeners do not run",
    ),
    "two flows out of a task": (
        TOLD.format(ASK) + '<endEvent id="over"/>', "start>ask>finish ask>over", "ask", "only gateways can split"
    ),
    "a condition on a flow from a task": (TOLD.format(ASK), "start>ask>finish[x]", "ask_finish", "is ignored"),
    "a way without a condition": (
        TOLD.format(GATE.format("exclusiveGateway")), "start>gate>a>finish gate>ask>finish",
        "gate_a", "without a condition",
    ),
    "a complex gateway": (
        TOLD.format(GATE.format("complexGateway")), "start>gate>a>finish gate>ask>finish", "gate", "not supported"
    ),
    "a link": (CATCH.format("<linkEventDefinition/>"), "", "wait", "does not run as drawn"),
    "a condition as an event": (CATCH.format("<conditionalEventDefinition/>"), "", "wait", "does not run as drawn"),
    "a signal": (CATCH.format('<signalEventDefinition signalRef="s"/>'), "", "wait", "does not run as drawn"),
    "a catch of nothing": (CATCH.format(""), "", "wait", "does not run as drawn"),
    "a cycle that waits": (CATCH.format(CYCLE), "", "wait", "one token through each time"),
    "a cycle that interrupts": (ON_TASK.format(">" + CYCLE), "start>ask>finish late>over", "late", "cannot repeat"),
    "an undoing edge": (
        ON_TASK.format("><compensateEventDefinition/>"), "start>ask>finish late>over", "late", "does not run as drawn"
    ),
    "an undoing throw": (
        wrapped('<intermediateThrowEvent id="ask"><compensateEventDefinition/></intermediateThrowEvent>'),
        "", "ask", "does not run as drawn",
    ),
    "a signal at the end": (
        '<startEvent id="start"/>' + ASK + '<endEvent id="finish"><signalEventDefinition signalRef="s"/></endEvent>',
        "start>ask>finish", "finish", "does not run as drawn",
    ),
    "an event sub-process": (
        TOLD.format(ASK) + f'<subProcess id="sub" triggeredByEvent="true">{INSIDE}</subProcess>',
        "start>ask>finish", "sub", "event sub-process",
    ),
    "a sub-process with two starts": (
        TOLD.format(f'<subProcess id="sub">{INSIDE}<startEvent id="in_too"/></subProcess>'),
        "start>sub>finish", "sub", "2 start events",
    ),
    "a transaction": (
        TOLD.format(f'<transaction id="sub">{INSIDE}</transaction>'), "start>sub>finish", "sub", "undoes"
    ),
    "an ad-hoc sub-process": (
        TOLD.format(f'<adHocSubProcess id="sub">{INSIDE}</adHocSubProcess>'), "start>sub>finish", "sub", "ad-hoc"
    ),
    "an id of the engine's own": (
        wrapped(ASK.replace('"ask"', '"End"'), "start>End>finish"), "", "End", "used inside the engine"
    ),
    "a message that is not there": (
        wrapped('<receiveTask id="wait" messageRef="gone"/>', "start>wait>finish"), "", "wait", "no message in the file"
    ),
    "a loop without an end": (
        wrapped(ASK[:-2] + "><standardLoopCharacteristics/></userTask>"), "", "ask", "the loop has no end"
    ),
    "several times over nothing": (
        wrapped(ASK[:-2] + "><multiInstanceLoopCharacteristics/></userTask>"), "", "ask", "over what it repeats"
    ),
    "Python for FEEL": (
        TOLD.format(GATE.format("exclusiveGateway")), "start>gate>a[x==1]\na>finish\ngate>ask[x=2]\nask>finish",
        "gate_a", "is not FEEL",
    ),
    "a time without its mark": (
        CATCH.format("<timerEventDefinition><timeDate>P1D</timeDate></timerEventDefinition>"), "", "wait", "a duration"
    ),
    "what waits for ever": (
        TOLD.format(GATE.format("exclusiveGateway")) + '<parallelGateway id="both"/>',
        "start>gate\ngate>a[sent = true]\ngate>ask[sent = false]\na>both\nask>both\nboth>finish",
        "both", "wait for ever",
    ),
    "a form that nobody drew": (wrapped(ASK[:-2] + ' camunda:formRef="gone"/>'), "", "ask", "no form 'gone'"),
    "an event sub-process for an error": (
        TOLD.format(ASK) + f'<subProcess id="sub" triggeredByEvent="true">{ON_ERROR}</subProcess>',
        "start>ask>finish", "in", "does not run as drawn",
    ),
    "another id of the engine's own": (
        wrapped(ASK.replace('"ask"', '"Start"'), "start>Start>finish"), "", "Start", "would be skipped"
    ),
    "Java in a condition": (
        TOLD.format(GATE.format("exclusiveGateway")),
        "start>gate>a[${bean.call()}]\na>finish\ngate>ask[x=2]\nask>finish", "gate_a", "nothing here",
    ),
    "a condition that is never true or false": (
        TOLD.format(GATE.format("exclusiveGateway")), "start>gate>a[5]\na>finish\ngate>ask[x=2]\nask>finish",
        "gate_a", "never true or false",
    ),
    "a timer without a time": (CATCH.format("<timerEventDefinition/>"), "", "wait", "does not say when"),
    "a time that is over before it begins": (
        CATCH.format("<timerEventDefinition><timeDuration>-P1D</timeDuration></timerEventDefinition>"),
        "", "wait", "negative",
    ),
    "a message without a name": (
        wrapped('<intermediateThrowEvent id="ask"><messageEventDefinition/></intermediateThrowEvent>'),
        "", "ask", "names no message",
    ),
    "a diagram that calls itself": (
        wrapped('<callActivity id="ask" calledElement="episode"/>'), "", "episode", "calls itself"
    ),
    "a step that never happens": (
        TOLD.format(ASK + '<userTask id="b" camunda:candidateGroups="case_workers"/><endEvent id="over"/>'),
        "start>ask>finish b>over", "b", "no flow from a start event",
    ),
    "a step done twice at once": (
        TOLD.format(GATE.format("parallelGateway") + '<userTask id="c" camunda:candidateGroups="case_workers"/>'),
        "start>gate>a>c gate>ask>c c>finish", "c", "twice at once",
    ),
    "a task for nobody": (wrapped('<userTask id="ask"/>'), "", "ask", "nobody may do it"),
}  # fmt: skip


@pytest.fixture(scope="module")
def designer() -> Visitor:
    visitor = new_service(FakeClock(MONDAY_MORNING)).signed_in("tomas")
    visitor.get("/definitions")
    return visitor


def ask(visitor: Visitor, name: str, content: bytes) -> dict[str, object]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.page or visitor.get("/help"))
    answer = visitor.client.post(
        "/studio/check", json={"file": name, "content": content.decode()},
        headers={"X-CSRFToken": token.group(1) if token else ""},
    )  # fmt: skip
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_is_caught_while_drawing(designer: Visitor, trap: str) -> None:
    inner, flows, element, words = TRAPS[trap]
    found = ask(designer, "episode.bpmn", file(inner, flows))["findings"]
    assert [each for each in found if each["element"] == element and words in each["what"] and each["advice"]], found


def test_what_is_in_force_has_nothing_to_mend(designer: Visitor) -> None:
    called = {"handover.bpmn": "Handover of the lead", "escalation.dmn": "Escalation"}
    for name, title in {**called, "record_consent.form": "Ask for the family's consent"}.items():
        told = {"findings": [], "gave_up": "", "elsewhere": 0, "title": title}
        assert ask(designer, name, model_files()[name]) == told


def test_a_way_leads_to_what_would_wait_for_ever(designer: Visitor) -> None:
    inner, flows, *_ = TRAPS["what waits for ever"]
    found = ask(designer, "episode.bpmn", file(inner, flows))["findings"]
    (stuck,) = [each for each in found if each["element"] == "both"]
    assert stuck["severity"] == "error" and stuck["path"] == ["start", "gate", "a"]


def test_what_cannot_be_read_is_said_and_nothing_else_happens(designer: Visitor) -> None:
    (only,) = ask(designer, "episode.bpmn", b"<definitions")["findings"]
    assert "not well-formed" in only["what"]
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa">]><definitions>&a;</definitions>'
    assert ask(designer, "episode.bpmn", bomb)["findings"]
    assert "can be deployed" in ask(designer, "episode.exe", b"MZ")["findings"][0]["what"]


def test_ones_own_other_drafts_count_as_if_they_were_there(service: Service) -> None:
    tomas = service.actor("tomas")
    drawn = file(wrapped(ASK[:-2] + ' camunda:formRef="our_own"/>'))
    form = b'{"id": "our_own", "schemaVersion": 19, "type": "default", "components": []}'

    def says() -> list[str]:
        checked = model_checks.check_model(service.engine, actor=tomas, file="episode.bpmn", content=drawn)
        return [each.what for each in checked.findings if "our_own" in each.what]

    assert says() == ["there is no form 'our_own'"]
    model_drafts.save(service.engine, actor=tomas, file="our_own.form", content=form, expected=None)
    assert not says()
    with pytest.raises(NotPermitted):
        model_checks.check_model(service.engine, actor=service.actor("amara"), file="episode.bpmn", content=drawn)


def test_a_group_to_which_nobody_belongs_is_noticed(designer: Visitor) -> None:
    for groups, nobody in (("senior_officers", True), ("senior_officers, case_workers", False)):
        found = ask(designer, "episode.bpmn", file(wrapped(ASK.replace("case_workers", groups))))["findings"]
        assert nobody == any("nobody may claim it" in each["what"] for each in found)


def test_what_another_draft_breaks_is_counted_and_does_not_make_every_file_red(service: Service) -> None:
    """Limits under work break examples of theirs: a diagram that has nothing to do with them stays clean."""
    limits = re.sub(rb"<text>15</text>", b"<text>16</text>", model_files()["timescales.dmn"])
    tomas = service.actor("tomas")
    own = b"decision: timescales\nexamples:\n  Fifteen: {when: {limit: tac_date_days, authority: x}, then: 15}\n"
    examples = {"timescales.tests.yaml": own}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=examples, note="Examples")

    def check(name: str, content: bytes) -> model_checks.ModelCheck:
        return model_checks.check_model(service.engine, actor=tomas, file=name, content=content)

    own = check("timescales.dmn", limits)
    assert own.findings and own.elsewhere == 0
    model_drafts.save(service.engine, actor=tomas, file="timescales.dmn", content=limits, expected=None)
    other = check("review.bpmn", model_files()["review.bpmn"])
    assert other.findings == () and other.elsewhere == len(own.findings)
    assert check("timescales.dmn", limits) == own
    visitor = service.signed_in("tomas")
    visitor.get("/studio/outline?file=review.bpmn")
    assert visitor.says("to put right in files that you are not looking at") and not visitor.says("To mend")


def test_what_another_file_holds_is_said_while_drawing_and_refused_in_force(service: Service) -> None:
    review = model_files()["review.bpmn"]
    tomas = service.actor("tomas")
    (only,) = model_checks.check_model(service.engine, actor=tomas, file="pause.bpmn", content=review).findings
    assert only.what.endswith("this text is the process review, which is in review.bpmn already")
    with pytest.raises(deployments.DeploymentRefused, match="this file held the process pause"):
        deployments.deploy(
            service.engine, authority_id=service.authority_id, files={"pause.bpmn": review}, note="By slip"
        )
    draft = review.replace(b'id="review"', b'id="look_again"')
    model_drafts.save(service.engine, actor=tomas, file="look.bpmn", content=draft, expected=None)
    found = model_checks.check_model(service.engine, actor=tomas, file="again.bpmn", content=draft).findings
    assert [each.what for each in found] == ["look.bpmn holds a process with the same id"]


def test_a_draft_of_ones_own_that_cannot_be_read_changes_nothing_elsewhere(service: Service) -> None:
    tomas = service.actor("tomas")
    for name, content in {"stray.bpmn": b"<a/>", "hold_review.form": b"{", "stray.dmn": b"<"}.items():
        model_drafts.save(service.engine, actor=tomas, file=name, content=content, expected=None)
    for name in ("review.bpmn", "timescales.dmn"):
        found = model_checks.check_model(service.engine, actor=tomas, file=name, content=model_files()[name])
        assert (found.findings, found.elsewhere) == ((), 0)


def test_more_steps_than_may_run_are_never_saved(service: Service) -> None:
    tomas = service.actor("tomas")
    steps = "".join(ASK.replace('"ask"', f'"ask_{number}"') for number in range(2_001))
    with pytest.raises(Invalid, match="2001 steps, and 2000 is the most"):
        model_drafts.save(service.engine, actor=tomas, file="big.bpmn", content=file(steps), expected=None)
    assert stored.draft(service.engine, actor=tomas, file="big.bpmn") is None


def test_a_refused_upload_is_answered_shortly(designer: Visitor) -> None:
    """What is too large to be kept is not sent back to be kept, nor every line of what is wrong with it."""
    steps = "".join(ASK.replace('"ask"', f'"ask_{number}"') for number in range(10_000))
    designer.get("/definitions")
    designer.post("/definitions", files=(BytesIO(file(steps)), "big.bpmn"))
    assert designer.status == 422 and designer.says("10000 steps, and 2000 is the most")
    assert len(designer.page) < 200_000 and not designer.says("Keep as drafts")
