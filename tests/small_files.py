"""Forms, rules files and one-task processes for tests, each in one line; diagrams come from `tests.worlds.model`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.unit.bpmn.diagrams import user
from tests.unit.dmn.dmn_files import SPACES, table
from tests.worlds import model

ESCALATION_COLUMNS = ("reason", "sentence", "level", "addressee", "process")


def form(key: str, *questions: str | dict[str, Any], title: str = "") -> bytes:
    """Return a form that asks `questions`: text under a key, or components as form-js writes them."""
    components = [_question(each) if isinstance(each, str) else each for each in questions]
    document = {"type": "default", "id": key, "schemaVersion": 19, "components": components}
    return json.dumps(document | ({"title": title} if title else {})).encode()


def _question(key: str) -> dict[str, Any]:
    return {"type": "textfield", "id": f"field_{key}", "key": key, "label": f"What is the {key}?"}


def rules(
    decision: str, inputs: Sequence[str], outputs: Sequence[str], rows: Sequence[Sequence[str]], *,
    policy: str = "FIRST", key: str = "",
) -> bytes:  # fmt: skip
    """Return a rules file of one decision, which is a table."""
    inside = table(policy, inputs, outputs, rows)
    return (
        f'<definitions xmlns="{SPACES["1.3"]}" id="{key or decision}_rules" name="{decision}" namespace="urn:test">'
        f'<decision id="{decision}" name="{decision}"><variable name="{decision}"/>{inside}</decision></definitions>'
    ).encode()


def escalation(*rows: tuple[str, str, str, str, str], inputs: Sequence[str] = ("days_silent",)) -> bytes:
    """Return escalation rules; a row is (condition, reason, level, addressee, process or nothing).

    The condition is a unary test on the first input. A process that begins with `=` is an expression.
    """
    said = [
        (cell, *["-"] * (len(inputs) - 1), f'"{reason}"', f'"Because {reason}."', f'"{level}"', f'"{who}"',
         process[1:] if process.startswith("=") else f'"{process}"' if process else "null")
        for cell, reason, level, who, process in rows
    ]  # fmt: skip
    return rules("escalation", inputs, ESCALATION_COLUMNS, said, policy="COLLECT")


def timescales(**limits: int) -> bytes:
    """Return a table of time limits."""
    rows = [(f'"{name}"', "-", str(amount)) for name, amount in limits.items()]
    return rules("timescales", ("limit", "authority"), ("amount",), rows)


def asking(form_key: str, element: str = "ask", key: str = "small", record: str = "", **attributes: str) -> bytes:
    """Return a process of one user task with a form, offered to case workers unless somebody is named."""
    attributes = {"camunda_candidateGroups": "case_workers"} | attributes
    if form_key:
        attributes["camunda_formRef"] = form_key
    return model(user(element, _record(record), **attributes), way=f"start {element}; {element} end", key=key)


def _record(operation: str) -> str:
    return properties(record=operation) if operation else ""


def properties(**named: str) -> str:
    """Return the extension element that holds `camunda:property` values."""
    inside = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in named.items())
    return f"<extensionElements><camunda:properties>{inside}</camunda:properties></extensionElements>"


def service(element: str, operation: str, **named: str) -> str:
    """Return a service task that asks for `operation`."""
    inside = properties(**named) if named else ""
    return f'<serviceTask id="{element}" camunda:type="external" camunda:topic="{operation}">{inside}</serviceTask>'
