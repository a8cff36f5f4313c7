"""Check that every expression compiles, and calls only functions that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.expressions import ReadExpression, read_assignment
from engine.bpmn.lint.constants import constant_faults
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import Element, Model, extension
from engine.bpmn.lint.slots import Slot, slots
from engine.errors import Invalid, shown
from engine.feel import compile_expression

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOT_FEEL = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null", "NULL": "null"}
_HINTS = (("==", "compare with one ="), ("&&", "join with and"), ("||", "join with or"), ("'", 'quote with "'))


def check_expressions(model: Model) -> Iterator[Finding]:
    """Refuse expressions that do not compile, or use what does not exist; notice what was translated."""
    for slot in slots(model):
        try:
            read = slot.read(slot.text)
        except Invalid as error:
            yield _refusal(model, slot, error)
            continue
        if read.notice:
            yield model.notice(slot.element, f"{slot.what}: {read.notice}", "check that it means the same")
        yield from _compiled(model, slot, read)


def _refusal(model: Model, slot: Slot, error: Invalid) -> Finding:
    what, _, advice = error.message.partition("; ")
    return model.error(slot.element, f"{slot.what}: {what}", advice or "write it in FEEL")


def _compiled(model: Model, slot: Slot, read: ReadExpression) -> Iterator[Finding]:
    try:
        compiled = compile_expression(read.feel, functions=model.catalogue.functions)
    except Invalid as error:
        hints = [hint for mark, hint in _HINTS if mark in read.feel]
        advice = "correct it: in FEEL, " + ", ".join(hints) if hints else "correct the expression"
        what = f"{slot.what} {_shown(slot.text)} is not FEEL: {error.message.removesuffix('.')}"
        yield model.error(slot.element, what, advice)
        return
    for name in sorted(compiled.names_used):
        yield from _unknown(model, slot, read, name)
    yield from constant_faults(model, slot, compiled)


def _unknown(model: Model, slot: Slot, read: ReadExpression, name: str) -> Iterator[Finding]:
    if _calls(name, read.feel):
        what = f"{slot.what} {_shown(slot.text)} calls {shown(name)!r}, and there is no such function"
        yield model.error(slot.element, what, f"use a FEEL function{_functions(model)}")
    elif " " in name:
        what = f"{slot.what} {_shown(slot.text)} reads {shown(name)!r}, and no variable has a name of several words"
        yield model.error(slot.element, what, "correct the name, or the operator between the words")
    elif name in _NOT_FEEL:
        yield model.error(slot.element, f"{slot.what} says {name}, which FEEL has not", f"write {_NOT_FEEL[name]}")


def _calls(name: str, feel: str) -> bool:
    words = r"\s+".join(map(re.escape, name.split()))
    return bool(re.search(rf"(?<!\w){words}\s*\(", _STRING.sub("0", feel)))


def _functions(model: Model) -> str:
    own = ", ".join(sorted(model.catalogue.functions))
    return f" or one of: {own}" if own else ""


def _shown(text: str) -> str:
    return repr(shown(" ".join(text.split())))


def check_names(model: Model) -> Iterator[Finding]:
    """Refuse candidate groups that do not exist; notice a name that looks like a forgotten expression."""
    for task in model.nodes("userTask", "manualTask"):
        for group in _plain_names(extension(task, "candidateGroups") or ""):
            if model.catalogue.groups is not None and group not in model.catalogue.groups:
                known = ", ".join(sorted(model.catalogue.groups))
                yield model.error(task, f"there is no candidate group {shown(group)!r}", f"choose one of: {known}")
        yield from _forgotten(model, task)


def _plain_names(text: str) -> list[str]:
    if text.startswith("=") or "{" in text:
        return []
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _forgotten(model: Model, task: Element) -> Iterator[Finding]:
    assignee = (extension(task, "assignee") or "").strip()
    if re.fullmatch(r"[a-z]+(_[a-z]+)+", assignee):
        feel = read_assignment(assignee).feel
        what = f"the assignee is the very person called {feel}"
        yield model.notice(task, what, f"write ={assignee} if a variable is meant")
