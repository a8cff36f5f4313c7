"""Check activities that repeat: multi-instance and loop markers."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import ACTIVITIES, Element, Model, children, extension, text_of
from engine.errors import shown

MAX_INSTANCES = 500


def check_repeats(model: Model) -> Iterator[Finding]:
    """Refuse loop markers, and multi-instance activities that do not say over what."""
    for node in model.nodes(*ACTIVITIES):
        for loop in children(node, "standardLoopCharacteristics"):
            yield from _loop(model, node, loop)
        for repeat in children(node, "multiInstanceLoopCharacteristics"):
            yield from _source(model, node, repeat)
            yield from _item(model, node, repeat)
            yield from _extras(model, node, repeat)


def _loop(model: Model, node: Element, loop: Element) -> Iterator[Finding]:
    maximum = loop.get("loopMaximum")
    if maximum is not None and not (maximum.isascii() and maximum.isdigit() and int(maximum[:9])):
        yield model.error(
            node, f"the loop's maximum {shown(maximum)!r} is not a number of times", "write one, such as 3"
        )
    if maximum is None and not any(text_of(condition) for condition in children(loop, "loopCondition")):
        yield model.error(node, "the loop has no end", "write how often at most, or the condition to go on")


def _source(model: Model, node: Element, repeat: Element) -> Iterator[Finding]:
    cardinality = next(children(repeat, "loopCardinality"), None)
    sources = (
        bool(extension(repeat, "collection")),
        any(text_of(reference) for reference in children(repeat, "loopDataInputRef")),
        cardinality is not None,
    )
    if sum(sources) != 1:
        what = "says in several ways how often it repeats" if any(sources) else "does not say over what it repeats"
        yield model.error(node, f"the multi-instance {what}", "set either its collection or its loop cardinality")
    count = text_of(cardinality).removeprefix("${").removesuffix("}").strip()
    if count.isascii() and count.isdigit() and not 1 <= int(count[:9]) <= MAX_INSTANCES:
        yield model.error(node, f"it repeats {count} times", f"choose a number from 1 to {MAX_INSTANCES}")


def _item(model: Model, node: Element, repeat: Element) -> Iterator[Finding]:
    item = extension(repeat, "elementVariable") or any(True for _ in children(repeat, "inputDataItem"))
    over = extension(repeat, "collection") or any(True for _ in children(repeat, "loopDataInputRef"))
    if over and not item:
        yield model.notice(node, "no instance is told which item is its own", "set its element variable")


def _extras(model: Model, node: Element, repeat: Element) -> Iterator[Finding]:
    if repeat.get("behavior", "All") != "All" or any(True for _ in children(repeat, "complexBehaviorDefinition")):
        yield model.error(node, "events thrown by instances are not supported", "use a completion condition")
    gathered = [any(True for _ in children(repeat, name)) for name in ("loopDataOutputRef", "outputDataItem")]
    if any(gathered) and not all(gathered):
        yield model.error(node, "it does not say what to gather, or where", "name the output item and the output list")
