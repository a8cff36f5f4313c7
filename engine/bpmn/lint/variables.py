"""Check the names a process gives its variables: expressions must be able to say them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.juel import FEEL_WORDS
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import (
    ACTIVITIES,
    Element,
    Model,
    children,
    extension,
    extension_elements,
)
from engine.errors import shown

_VARIABLE = re.compile(r"[^\W\d]\w*")
_TAKEN = FEEL_WORDS | {"and", "or", "not", "true", "false", "null"}
_COUNTS = frozenset({"nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "loopCounter"})


def check_variables(model: Model) -> Iterator[Finding]:
    """Refuse variables whose names FEEL cannot read, and items named like the counts of a multi-instance."""
    for node in model.nodes(*ACTIVITIES):
        for name in _set_by(node):
            if not _VARIABLE.fullmatch(name) or name in _TAKEN:
                what = f"a variable cannot be called {shown(name)!r}"
                yield model.error(node, what, "use letters, digits and underscores, such as next_step")
        for name in _items(node):
            if name in _COUNTS:
                yield model.error(
                    node, f"the item cannot be called {shown(name)!r}, which counts", "give it another name"
                )


def _set_by(node: Element) -> Iterator[str]:
    yield from filter(None, (extension(node, "resultVariable"),))
    for mapping in extension_elements(node, "in", "out"):
        yield from filter(None, (mapping.get("target"),))
    for holder in extension_elements(node, "inputOutput"):
        for parameter in holder.iterchildren("*"):
            yield from filter(None, (parameter.get("name"),))
    yield from _items(node)


def _items(node: Element) -> Iterator[str]:
    for repeat in children(node, "multiInstanceLoopCharacteristics"):
        yield from filter(None, (extension(repeat, "elementVariable"),))
        for item in children(repeat, "inputDataItem", "outputDataItem"):
            yield item.get("name") or item.get("id") or ""
