"""Read an activity's loop from its XML, as the standard and as Camunda 7 write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from lxml import etree

from engine.bpmn.catalogue import BPMN, CAMUNDA, Catalogue
from engine.bpmn.expressions import ReadExpression, read_condition, read_expression
from engine.bpmn.loops import Loop, MultiInstance, StandardLoop
from engine.bpmn.nodes import Node
from engine.bpmn.script_environment import Formula, FormulaReader
from engine.errors import shown

_L = TypeVar("_L", bound=Loop)


def read_loop(node: Node, xml: etree._Element, catalogue: Catalogue, reader: FormulaReader) -> Loop | None:
    """Return the loop now standing in `node`'s place, or None when there is none. Raises `Invalid`."""
    several = xml.find(f"{BPMN}multiInstanceLoopCharacteristics")
    again = xml.find(f"{BPMN}standardLoopCharacteristics")
    if several is not None:
        return _multi_instance(node, several, _Slots(node.element_id, catalogue, reader))
    if again is not None:
        return _standard_loop(node, again, _Slots(node.element_id, catalogue, reader))
    return None


class _Slots:
    """Compiles the expressions of one loop."""

    def __init__(self, element_id: str, catalogue: Catalogue, reader: FormulaReader) -> None:
        self._element_id = element_id
        self._catalogue = catalogue
        self._reader = reader

    def formula(
        self, text: str | None, slot: str, read: Callable[[str], ReadExpression] = read_expression
    ) -> Formula | None:
        """Return the compiled expression, or None when nothing is written."""
        if text is None or not text.strip():
            return None
        return self._reader.compile(self._catalogue.feel(text, self._element_id, slot, read), self._element_id, slot)

    def refuse(self, message: str) -> Exception:
        """Return the refusal of this loop."""
        return self._reader.refusal(self._element_id, message)


def _multi_instance(node: Node, xml: etree._Element, slots: _Slots) -> Loop:
    collection = slots.formula(xml.get(f"{CAMUNDA}collection") or _text(xml, "loopDataInputRef"), "collection")
    cardinality = slots.formula(_text(xml, "loopCardinality"), "count")
    repeated = collection or cardinality
    if repeated is None or (collection and cardinality):
        raise slots.refuse("a multi-instance needs a collection or a count, one of the two")
    output_list, output_item = _text(xml, "loopDataOutputRef"), _item(xml, "outputDataItem")
    if (output_list is None) != (output_item is None):
        raise slots.refuse("a multi-instance's output needs both a list and an item")
    loop = _stand_in(node, MultiInstance, {"task_spec": ""})
    loop.configure(
        sequential=xml.get("isSequential") == "true", repeated=repeated, by_count=collection is None,
        item_name=xml.get(f"{CAMUNDA}elementVariable") or _item(xml, "inputDataItem"),
        condition=slots.formula(_text(xml, "completionCondition"), "completion condition", read_condition),
        output_list=output_list, output_item=output_item,
    )
    return loop


def _standard_loop(node: Node, xml: etree._Element, slots: _Slots) -> Loop:
    condition = slots.formula(_text(xml, "loopCondition"), "loop condition", read_condition)
    maximum = xml.get("loopMaximum")
    if maximum is not None and not maximum.isdigit():
        raise slots.refuse(f"the loop's maximum {shown(maximum)!r} is not a whole number")
    if condition is None and maximum is None:
        raise slots.refuse("a loop needs a condition or a maximum")
    settings = {"task_spec": "", "maximum": None, "condition": None, "test_before": False}
    loop = _stand_in(node, StandardLoop, settings)
    loop.configure(
        condition=condition, maximum=None if maximum is None else int(maximum),
        test_before=xml.get("testBefore") == "true",
    )
    return loop


def _stand_in(node: Node, kind: type[_L], settings: Mapping[str, object]) -> _L:
    specs = node._wf_spec.task_specs
    del specs[node.name]
    loop = kind(node._wf_spec, node.name, lane=node.lane, **settings)
    loop.furnish(node.info)
    loop.wrap(node)
    # A bracket keeps the name apart from every element's.
    node.name = f"{node.name} [each]"
    specs[node.name] = node
    return loop


def _text(xml: etree._Element, tag: str) -> str | None:
    found = xml.find(f"{BPMN}{tag}")
    text = "" if found is None else "".join(map(str, found.itertext())).strip()
    return text or None


def _item(xml: etree._Element, tag: str) -> str | None:
    found = xml.find(f"{BPMN}{tag}")
    return None if found is None else found.get("name") or found.get("id")
