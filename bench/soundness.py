"""Checking a diagram while it is drawn: linted and played, the largest that is shipped and one of 300 elements."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from bench.furnished import Databases
from bench.measuring import Figure, Scale, timed
from engine.bpmn.lint import Catalogue, lint_process
from engine.bpmn.soundness import sound
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.xml import parse_untrusted

MOST_SHIPPED = 100
MOST_LARGE = 2_000
ELEMENTS = 300
_WAYS = 3


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the milliseconds of lint and soundness together; it needs no database."""
    if databases.kind != "sqlite":
        return
    shipped = {each.name: each.read_bytes() for each in files("processes").iterdir() if each.name.endswith(".bpmn")}
    slowest = max(_milliseconds(source, scale)[0] for source in shipped.values())
    yield _figure("the slowest of the shipped diagrams", slowest, MOST_SHIPPED)
    for words, join in (("sound", "parallelGateway"), ("its last join of the wrong kind", "exclusiveGateway")):
        spent, gave_up = _milliseconds(large(join), scale)
        yield _figure(f"a diagram of {ELEMENTS} elements, {words}{', gave up' if gave_up else ''}", spent, MOST_LARGE)


def _milliseconds(source: bytes, scale: Scale) -> tuple[float, str]:
    root, gave_up = parse_untrusted(source, "bench.bpmn"), ""

    def check() -> None:
        nonlocal gave_up
        lint_process(root, name="bench.bpmn", catalogue=Catalogue(functions=HOST_FUNCTIONS))
        gave_up = sound(root, name="bench.bpmn").gave_up

    return min(timed(check) for _ in range(scale.rounds)), gave_up


def large(last_join: str) -> bytes:
    """Return a diagram of blocks one after the other: three ways gone together, each with a choice and a reminder."""
    nodes, flows, before = ['<startEvent id="start"/>'], [], "start"
    for block in range(ELEMENTS // (2 + _WAYS * 5)):
        split, join = f"split_{block}", f"join_{block}"
        is_last = block == ELEMENTS // (2 + _WAYS * 5) - 1
        nodes += [f'<parallelGateway id="{split}"/>', f'<{last_join if is_last else "parallelGateway"} id="{join}"/>']
        flows.append((before, split, ""))
        for way in range(_WAYS):
            _way(nodes, flows, f"b{block}_{way}", split, join)
        before = join
    nodes.append('<userTask id="last" camunda:candidateGroups="case_workers"/><endEvent id="end"/>')
    flows += [(before, "last", ""), ("last", "end", "")]
    drawn = "".join(
        f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}">{when}</sequenceFlow>'
        for one, other, when in flows
    )
    head = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    process = f'<process id="large" isExecutable="true">{"".join(nodes)}{drawn}</process>'
    return f"<definitions {head}>{process}</definitions>".encode()


def _way(nodes: list[str], flows: list[tuple[str, str, str]], name: str, split: str, join: str) -> None:
    ask, again, late, told = f"{name}_ask", f"{name}_again", f"{name}_late", f"{name}_told"
    timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    nodes += [
        f'<userTask id="{ask}" camunda:candidateGroups="case_workers"/>',
        f'<exclusiveGateway id="{again}" default="{again}_{join}"/>',
        f'<exclusiveGateway id="{name}_in"/>',
        f'<boundaryEvent id="{late}" attachedToRef="{ask}" cancelActivity="false">{timer}</boundaryEvent>',
        f'<endEvent id="{told}"/>',
    ]
    more = f"<conditionExpression>more_{name} = true</conditionExpression>"
    flows += [(split, f"{name}_in", ""), (f"{name}_in", ask, ""), (ask, again, ""), (again, f"{name}_in", more)]
    flows += [(again, join, ""), (late, told, "")]


def _figure(words: str, milliseconds: float, most: int) -> Figure:
    return Figure(
        row="soundness",
        measure=f"lint and play {words}",
        database="none",
        figure=f"{milliseconds:.0f} ms",
        reach=f"at most {most:,} ms",
        met=milliseconds <= most,
        numbers={"milliseconds": milliseconds},
    )
