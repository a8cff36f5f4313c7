"""No text in any slot of a diagram, a rules file or a form ever reaches Python, a shell or a file.

Each hostile text is put in each slot, alone and as `${...}`. It is refused at deploy, or it runs and comes to
nothing; the canary file never appears, and Python never compiles a text that names it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine.commands import cases
from engine.commands.deployments import DeploymentRefused
from engine.errors import EngineError
from tests.small_models import PEERS, ask
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, process, start, timer, user
from tests.unit.dmn.dmn_files import decision, definitions, key, literal, table
from tests.worlds import World, build_world, model, shipped_models

SLOT = "@HOSTILE@"
HOSTILE = (
    "__import__('os').system('touch CANARY')",
    '__import__("pathlib").Path("CANARY").touch()',
    "open('CANARY', 'w')",
    "exec(\"open('CANARY','w')\")",
    "eval('1')",
    "[c for c in ().__class__.__bases__[0].__subclasses__() if c.__name__ == 'Popen'][0](['touch', 'CANARY'])",
    "(lambda: open('CANARY', 'w'))()",
    "''.__class__.__mro__[1].__subclasses__()",
    "getattr(a, '__globals__')",
    "a.__class__.__init__.__globals__['__builtins__']['open']('CANARY', 'w')",
    "a.__class__",
    'f\'{open("CANARY", "w")}\'',
    "'%s' % open('CANARY','w')",
    "{{ cycler.__init__.__globals__.os.popen('touch CANARY').read() }}",
    "{% import os %}{{ os.system('touch CANARY') }}",
    "''.getClass().forName('java.lang.Runtime').getRuntime().exec('touch CANARY')",
    "execution.getProcessEngineServices().getRuntimeService()",
    "T(java.lang.Runtime).getRuntime().exec('touch CANARY')",
    "new java.io.File('CANARY').createNewFile()",
    "require('fs').writeFileSync('CANARY', '')",
    "this.constructor.constructor('return process')()",
    'function(path) external { java: { class: "java.lang.Runtime", method signature: "exec(java.lang.String)" } }',
    "`touch CANARY`",
    "$(touch CANARY)",
    "; touch CANARY",
    "'; DROP TABLE cases; --",
    "1 if open('CANARY','w') else 2",
    "import os; os.system('touch CANARY')",
    "@eval",
    "a := open('CANARY','w')",
    "{a: 1}.__class__.__base__",
    "[1][__import__('os').system('touch CANARY')]",
    "9**9**9",
    "10**1000000",
    "for x in 1..1000000000 return x",
    "every x in 1..100000000, y in 1..100000000 satisfies x != y",
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")',
    'replace("aaaaaaaaaaaaaaaa", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
    "(" * 500 + "1" + ")" * 500,
    "not(" * 500 + "true" + ")" * 500,
    "-" * 3_000 + "1",
    "a" * 20_000,
    "1\x00 + 1".replace("\x00", "\u0000 ").strip(),
    "\ud7ff\uffff\u202e open('CANARY')",
)


def mappings(text: str) -> str:
    return f"<extensionElements>{text}</extensionElements>"


def parameter(kind: str) -> str:
    return mappings(f'<camunda:inputOutput><camunda:{kind} name="x">{SLOT}</camunda:{kind}></camunda:inputOutput>')


def called(mapping: str) -> bytes:
    call = element("callActivity", "call", mappings(mapping), calledElement="child")
    child = process(start("s2"), ask("inner"), end("e2"), way="s2 inner; inner e2", key="child")
    around = process(start(), ask("a"), call, end(), way="start a; a call; call end", key="small")
    return file_of(around, child)


def second(**attributes: str) -> bytes:
    return model(ask("a"), user("b", **attributes), way="start a; a b; b end")


def repeated(inside: str = "", **attributes: str) -> bytes:
    several = element("multiInstanceLoopCharacteristics", "several", inside, **attributes)
    return model(ask("a"), ask("b", several), way="start a; a b; b end")


def timed(slot: str) -> bytes:
    late = boundary("late", "b", timer(SLOT, slot), interrupting=False)
    return model(ask("a"), ask("b"), late, end("e2"), way="start a; a b; b end; late e2")


def deciding() -> bytes:
    rule = element(
        "businessRuleTask", "judge", camunda_decisionRef=key("hostile"), camunda_resultVariable="found",
        camunda_mapDecisionResult="singleEntry",
    )  # fmt: skip
    return model(ask("a"), rule, ask("b"), way="start a; a judge; judge b; b end")


def rules(logic: str) -> bytes:
    return definitions(decision("hostile", logic))


def one_row(*, column: str = "a", cell: str = "-", result: str = "1", **more: Any) -> bytes:
    return rules(table("COLLECT", [column], ["found"], [[cell, result]], **more))


def shown(condition: str) -> bytes:
    question = {"type": "textfield", "id": "field_x", "key": "x", "label": "X", "conditional": {"hide": condition}}
    form = {"type": "default", "id": "hostile_form", "schemaVersion": 19, "components": [question]}
    return json.dumps(form).encode()


TASK_WITH_FORM = model(
    ask("a"),
    user("b", camunda_candidateGroups="case_workers", camunda_formRef="hostile_form"),
    way="start a; a b; b end",
)
SLOTS: Mapping[str, Mapping[str, bytes]] = {
    "condition": {
        "m.bpmn": model(
            ask("a"), element("exclusiveGateway", "gate"), ask("b"),
            way=f"start a; a gate; gate b [{SLOT}]; gate end *; b end",
        )
    },
    "timer duration": {"m.bpmn": timed("timeDuration")},
    "timer date": {"m.bpmn": timed("timeDate")},
    "timer cycle": {"m.bpmn": timed("timeCycle")},
    "assignee": {"m.bpmn": second(camunda_assignee=SLOT)},
    "candidate groups": {"m.bpmn": second(camunda_candidateGroups=SLOT)},
    "candidate users": {"m.bpmn": second(camunda_candidateUsers=SLOT)},
    "due date": {"m.bpmn": second(camunda_candidateGroups="case_workers", camunda_dueDate=SLOT)},
    "follow-up date": {"m.bpmn": second(camunda_candidateGroups="case_workers", camunda_followUpDate=SLOT)},
    "priority": {"m.bpmn": second(camunda_candidateGroups="case_workers", camunda_priority=SLOT)},
    "collection": {"m.bpmn": repeated(camunda_collection=SLOT, camunda_elementVariable="x")},
    "cardinality": {"m.bpmn": repeated(f"<loopCardinality>{SLOT}</loopCardinality>")},
    "completion condition": {
        "m.bpmn": repeated(
            f"<loopCardinality>2</loopCardinality><completionCondition>{SLOT}</completionCondition>"
        )
    },
    "input parameter": {"m.bpmn": model(ask("a"), ask("b", parameter("inputParameter")), way="start a; a b; b end")},
    "output parameter": {"m.bpmn": model(ask("a", parameter("outputParameter")), ask("b"), way="start a; a b; b end")},
    "in mapping": {"m.bpmn": called(f'<camunda:in sourceExpression="{SLOT}" target="x"/>')},
    "out mapping": {"m.bpmn": called(f'<camunda:out sourceExpression="{SLOT}" target="x"/>')},
    "script task": {
        "m.bpmn": model(
            ask("a"), element("scriptTask", "b", f"<script>{SLOT}</script>", scriptFormat="python"),
            way="start a; a b; b end",
        )
    },
    "service expression": {
        "m.bpmn": model(ask("a"), element("serviceTask", "b", camunda_expression=SLOT), way="start a; a b; b end")
    },
    "listener": {
        "m.bpmn": model(
            ask("a", mappings(f'<camunda:taskListener event="complete" expression="{SLOT}"/>')), way="start a; a end"
        )
    },
    "rule input": {"m.bpmn": deciding(), "r.dmn": one_row(column=SLOT)},
    "rule cell": {"m.bpmn": deciding(), "r.dmn": one_row(cell=SLOT)},
    "rule result": {"m.bpmn": deciding(), "r.dmn": one_row(result=SLOT)},
    "rule values": {"m.bpmn": deciding(), "r.dmn": one_row(input_values=[SLOT])},
    "decision": {"m.bpmn": deciding(), "r.dmn": rules(literal(SLOT))},
    "form condition": {"m.bpmn": TASK_WITH_FORM, "f.form": shown(f"={SLOT}")},
}  # fmt: skip


class Watcher:
    """Sees what Python is asked to do with a text that names the canary; hears nothing while it is off."""

    def __init__(self) -> None:
        self.canary: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.canary is None:
            return
        if event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn"):
            self.seen.append(f"{event} {arguments!r}")
        elif event in ("compile", "open", "exec") and self.canary in repr(arguments[0]):
            self.seen.append(f"{event} {arguments[0]!r}")


WATCHER = Watcher()


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """Give the path of a file that must not come to be, watched."""
    path = tmp_path / "canary-7f3a"
    WATCHER.canary, WATCHER.seen = path.name, []
    yield path
    WATCHER.canary = None


def filled(models: Mapping[str, bytes], text: str) -> dict[str, bytes]:
    """Put `text` in the slot of models, written as the kind of file needs it."""
    in_xml = escape(text, {'"': "&quot;"}).encode("utf-8", "surrogatepass")
    in_json = json.dumps(text)[1:-1].encode()
    return {
        name: content.replace(SLOT.encode(), in_json if name.endswith(".form") else in_xml)
        for name, content in models.items()
    }


def run(world: World) -> None:
    """Run the model as far as it goes; an error must be one of ours."""
    case_id = world.start_case(process_key="small")
    for who in ("hana", "cleo", "hana", "cleo"):
        for task in world.tasks(case_id):
            if task.element_id not in world.open_elements(case_id):
                continue  # taken away by the one before
            try:
                world.do(task.element_id, who, case_id=case_id, a=1, x="text")
            except EngineError as error:
                assert str(error)
    assert not world.instance(case_id, "small").state.startswith(b"\x80"), "not a pickle"


@pytest.mark.parametrize("slot", SLOTS)
def test_a_hostile_text_reaches_nothing(slot: str, canary: Path) -> None:
    world = build_world(models={"peers.bpmn": PEERS})
    refused = 0
    for pattern in HOSTILE:
        text = pattern.replace("CANARY", str(canary))
        for written in (text, "${" + text + "}"):
            try:
                world.deploy(filled(SLOTS[slot], written))
            except DeploymentRefused as error:
                assert "Traceback" not in str(error)
                refused += 1
            else:
                run(world)
            assert not canary.exists(), f"{slot}: {written}"
            assert WATCHER.seen == [], f"{slot}: {written}"
    assert refused > len(HOSTILE), "most are refused before they can run"
    other = world.start_case(process_key="peers")
    world.do("a", "hana", case_id=other, ok=True)
    assert world.open_elements(other) == ["b"]
    assert world.verified().findings == ()


@pytest.mark.parametrize("slot", sorted(SLOTS.keys() - {"script task", "service expression", "listener"}))
def test_each_slot_is_a_slot(slot: str) -> None:
    """A harmless text is let through, so that a refusal above is of the text and not of the model around it."""
    harmless = {
        "timer duration": "P1D", "timer date": "2026-04-01", "timer cycle": "R/P1D", "assignee": "=lead_professional",
        "candidate groups": "case_workers", "candidate users": "=[lead_professional]", "due date": "P1D",
        "follow-up date": "2026-04-01", "priority": "1", "collection": "=[1, 2]", "cardinality": "2",
        "condition": "a = 1", "completion condition": "nrOfCompletedInstances >= 1", "rule cell": "&gt; 1",
        "form condition": "x = 1",
    }  # fmt: skip
    world = build_world()
    world.deploy(filled(SLOTS[slot], harmless.get(slot, "1").replace("&gt;", ">")))
    run(world)


def test_hostile_answers_stay_text(canary: Path) -> None:
    world = build_world(models={**shipped_models(), "peers.bpmn": PEERS})
    for pattern in HOSTILE:
        text = pattern.replace("CANARY", str(canary)).encode("utf-8", "replace").decode()
        case_id = world.start_case(process_key="peers")
        world.do("a", "hana", case_id=case_id, ok=True, notes=text)
        assert world.open_elements(case_id) == ["b"]
    assert not canary.exists()
    assert WATCHER.seen == []
    assert world.verified().findings == ()


@pytest.mark.parametrize("name", ["'; DROP TABLE children; --", "<script>alert(1)</script>", "Zoë 🙂", "x" * 5_000])
def test_hostile_names_stay_names(name: str) -> None:
    world = build_world()
    child = cases.Child(given_name=name, family_name="Whitlock", born_on=world.today)
    case_id = cases.start(world.engine, actor=world.actor("hana"), child=child).case_id
    assert world.open_elements(case_id) == ["complete_checklist"]
