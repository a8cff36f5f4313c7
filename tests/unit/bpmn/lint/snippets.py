"""Small BPMN files for the linter's tests, written as their inner XML and arrows between ids."""

from __future__ import annotations

from itertools import pairwise

from engine.bpmn.lint import Catalogue, Finding, lint_process
from engine.xml import parse_untrusted

CATALOGUE = Catalogue(
    forms=frozenset({"review"}),
    decisions=frozenset({"review_interval"}),
    operations=frozenset({"send_plan"}),
    records=frozenset({"hold_review"}),
    processes=frozenset({"stalled_plan"}),
    groups=frozenset({"case_workers", "line_managers"}),
)
ASK = '<userTask id="ask" camunda:candidateGroups="case_workers"/>'
STRAIGHT = "start>ask>finish"
DRAWING = "<bpmndi:BPMNDiagram><bpmndi:BPMNShape/></bpmndi:BPMNDiagram>"


def file(
    inner: str, arrows: str = "", top: str = "", *, process: str = 'isExecutable="true"', drawing: str = DRAWING
) -> bytes:
    """Return a file with one process `episode` of `inner` and `arrows`, `top` beside it, and a drawing."""
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:operaton="http://operaton.org/schema/1.0/bpmn"
        xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:flowable="http://flowable.org/bpmn"
        xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <process id="episode" {process}>{inner}{flows(arrows)}</process>{top}{drawing}</definitions>""".encode()


def flows(arrows: str) -> str:
    """Return the sequence flows of `a>b>c d>e[condition]`; each is called `a_b` after its ends."""
    found = []
    for chain in arrows.split("\n") if "\n" in arrows else arrows.split():
        steps = chain.split(">")
        for source, target in pairwise(steps):
            source = source.partition("[")[0]
            target, _, condition = target.partition("[")
            written = f"<conditionExpression>{condition[:-1]}</conditionExpression>" if condition else ""
            ends = f'id="{source}_{target}" sourceRef="{source}" targetRef="{target}"'
            found.append(f"<sequenceFlow {ends}>{written}</sequenceFlow>")
    return "".join(found)


def wrapped(node: str, arrows: str = STRAIGHT) -> str:
    """Return the inside of a process: a start, `node`, an end, and `arrows`."""
    return f'<startEvent id="start"/>{node}<endEvent id="finish"/>{flows(arrows)}'


def lint(source: bytes, catalogue: Catalogue = CATALOGUE) -> tuple[Finding, ...]:
    """Return the findings on a file called `episode.bpmn`."""
    return lint_process(parse_untrusted(source, "episode.bpmn"), name="episode.bpmn", catalogue=catalogue)


def said(findings: tuple[Finding, ...], element_id: str, words: str, severity: str = "error") -> bool:
    """Tell whether a finding names the element and holds the words."""
    return any(
        found.element_id == element_id and words in str(found) and found.severity == severity for found in findings
    )
