"""Small BPMN files for tests, written in one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn.definitions import ProcessDefinition, parse_process

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="test">'
)
_TABLES = (
    '<message id="m_news" name="news"/><message id="m_call" name="call"/><signal id="s_bell" name="bell"/>'
    '<error id="e_broken" name="broken" errorCode="BROKEN"/><error id="e_other" name="other" errorCode="OTHER"/>'
    '<escalation id="x_worry" name="worry" escalationCode="WORRY"/>'
)
_FLOW = re.compile(r"(\S+) (\S+)(?: \[(.*)\])?( \*)?")


def element(kind: str, element_id: str, inside: str = "", **attributes: str) -> str:
    """Return one element; `camunda_x` attributes get the namespace."""
    named = "".join(f" {name.replace('camunda_', 'camunda:')}={quoteattr(text)}" for name, text in attributes.items())
    return f'<{kind} id="{element_id}"{named}>{inside}</{kind}>'


def user(element_id: str, inside: str = "", **attributes: str) -> str:
    """Return a user task."""
    return element("userTask", element_id, inside, **attributes)


def start(element_id: str = "start", inside: str = "") -> str:
    """Return a start event."""
    return element("startEvent", element_id, inside)


def end(element_id: str = "end", inside: str = "") -> str:
    """Return an end event."""
    return element("endEvent", element_id, inside)


def boundary(element_id: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    """Return a boundary event on `host`."""
    return element("boundaryEvent", element_id, inside, attachedToRef=host, cancelActivity=str(interrupting).lower())


def timer(rule: str, slot: str = "timeDuration") -> str:
    """Return a timer's definition."""
    return f"<timerEventDefinition><{slot}>{escape(rule)}</{slot}></timerEventDefinition>"


def message(reference: str = "m_news") -> str:
    """Return a message's definition."""
    return f'<messageEventDefinition messageRef="{reference}"/>'


def flows(text: str) -> str:
    """Return sequence flows: `a b; gate c [x = 1]; gate d *` (`*` makes it the default; ids are `a_b`)."""
    found = [match for part in text.split(";") if (match := _FLOW.fullmatch(part.strip()))]
    assert len(found) == len([part for part in text.split(";") if part.strip()]), text
    return "".join(
        f'<sequenceFlow id="{match[1]}_{match[2]}" sourceRef="{match[1]}" targetRef="{match[2]}">'
        + (f"<conditionExpression>{escape(match[3])}</conditionExpression>" if match[3] else "")
        + "</sequenceFlow>"
        for match in found
    )


def inside(*elements: str, way: str) -> str:
    """Return the content of a process or sub-process, with the default flows marked on their gateways."""
    body = "".join(elements)
    for match in filter(None, (_FLOW.fullmatch(part.strip()) for part in way.split(";"))):
        if match[4]:
            body = body.replace(f'id="{match[1]}"', f'id="{match[1]}" default="{match[1]}_{match[2]}"')
    return body + flows(way)


def subprocess(*elements: str, way: str, element_id: str = "sub") -> str:
    """Return an embedded sub-process."""
    return element("subProcess", element_id, inside(*elements, way=way))


def file_of(*processes: str) -> bytes:
    """Return a whole file."""
    return f"{_HEAD}{_TABLES}{''.join(processes)}</definitions>".encode()


def process(*elements: str, way: str, key: str = "p") -> str:
    """Return one executable process."""
    return f'<process id="{key}" isExecutable="true">{inside(*elements, way=way)}</process>'


def define(
    *elements: str, way: str, called: Mapping[str, ProcessDefinition] | None = None, key: str = "p"
) -> ProcessDefinition:
    """Return the definition of a one-process file."""
    source = file_of(process(*elements, way=way, key=key))
    (definition,) = parse_process(source, name="test.bpmn", called=called or {})
    return definition
