"""The Camunda extensions of an element: its properties, mappings and parameters, as lines of `name = value`."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.bpmn.lint.model import EXTENSIONS, Element, children, extension, extension_elements, local, properties
from engine.errors import Invalid, shown
from engine.outlines.diagram import CAMUNDA, Diagram, make_early, put, take_away

OWN: Final = frozenset({"record", "guidance", "personal", "subject", "operation"})
"""The properties that have a field of their own."""


def extension_space(root: Element) -> str:
    """Return the namespace in which a file writes its extensions."""
    spaces = {f"{{{space}}}" for space in root.nsmap.values()}
    return next((space for space in EXTENSIONS if space in spaces), CAMUNDA)


def property_of(element: Element, *, name: str) -> str:
    """Return one property, empty when there is none."""
    return properties(element).get(name, "")


def set_property(diagram: Diagram, element: Element, value: str, *, name: str) -> None:
    """Set one property; an empty one goes."""
    found = next((each for each in _all(element) if each.get("name") == name), None)
    if found is not None and value:
        found.set("value", value)
    elif found is not None:
        _take(found)
    elif value:
        holder = _holder(diagram, element, "properties")
        put(holder, etree.Element(f"{extension_space(diagram.root)}property", name=name, value=value))


def other_properties(element: Element) -> str:
    """Return the properties without a field of their own, as lines."""
    return "\n".join(f"{name} = {value}" for name, value in properties(element).items() if name not in OWN)


def set_other_properties(diagram: Diagram, element: Element, text: str) -> None:
    """Set them from lines. Raises `Invalid` for a line without a name."""
    wanted = pairs(text)
    for name in properties(element).keys() - OWN - dict(wanted).keys():
        set_property(diagram, element, "", name=name)
    for name, value in wanted:
        set_property(diagram, element, value, name=name)


def operation(element: Element) -> str:
    """Return the operation of a service."""
    return extension(element, "topic") or properties(element).get("operation", "")


def set_operation(diagram: Diagram, element: Element, value: str) -> None:
    """Set the operation of a service, in the one place where it belongs."""
    set_property(diagram, element, "", name="operation")
    for name, text in (("type", "external" if value else ""), ("topic", value)):
        for space in EXTENSIONS:
            element.attrib.pop(space + name, None)
        if text:
            element.set(extension_space(diagram.root) + name, text)


def mappings(element: Element, *, tag: str) -> str:
    """Return what passes into or out of a called diagram, as lines; `all` for everything."""
    lines = []
    for each in extension_elements(element, tag):
        if each.get("variables"):
            lines.append("all")
        elif each.get("target"):
            source = f"= {each.get('sourceExpression')}" if each.get("sourceExpression") else each.get("source", "")
            lines.append(f"{each.get('target')} = {source}")
    return "\n".join(lines)


def set_mappings(diagram: Diagram, element: Element, text: str, *, tag: str) -> None:
    """Set what passes, from lines; mappings that lines cannot say stay. Raises `Invalid`."""
    wanted = [(line, "") if line == "all" else _pair(line) for line in _lines(text)]
    for old in list(extension_elements(element, tag)):
        if old.get("variables") or old.get("target"):
            _take(old)
    for name, value in wanted:
        made = etree.Element(f"{extension_space(diagram.root)}{tag}")
        if name == "all":
            made.set("variables", "all")
        else:
            made.set("sourceExpression" if value.startswith("=") else "source", value.removeprefix("=").strip())
            made.set("target", name)
        put(_extensions(element), made)


def parameters(element: Element, *, tag: str) -> str:
    """Return the parameters that are one value each, as lines."""
    holders = extension_elements(element, "inputOutput")
    found = [each for holder in holders for each in holder.iterchildren("*") if local(str(each.tag)) == tag]
    return "\n".join(f"{each.get('name')} = {(each.text or '').strip()}" for each in found if not len(each))


def set_parameters(diagram: Diagram, element: Element, text: str, *, tag: str) -> None:
    """Set the parameters from lines. Raises `Invalid`."""
    wanted = pairs(text)
    for holder in list(extension_elements(element, "inputOutput")):
        for each in list(holder.iterchildren("*")):
            if local(str(each.tag)) == tag and not len(each):
                take_away(each)
    for name, value in wanted:
        made = etree.Element(f"{extension_space(diagram.root)}{tag}", name=name)
        made.text = value
        put(_holder(diagram, element, "inputOutput"), made)
    for holder in list(extension_elements(element, "inputOutput")):
        if not len(holder):
            _take(holder)


def _all(element: Element) -> list[Element]:
    return [each for holder in extension_elements(element, "properties") for each in holder.iterchildren("*")]


def _extensions(element: Element) -> Element:
    found = next(children(element, "extensionElements"), None)
    if found is None:
        make_early(element, "extensionElements", "")
        found = next(children(element, "extensionElements"))
    return found


def _holder(diagram: Diagram, element: Element, name: str) -> Element:
    found = next(extension_elements(element, name), None)
    if found is None:
        found = etree.Element(f"{extension_space(diagram.root)}{name}")
        put(_extensions(element), found)
    return found


def _take(element: Element) -> None:
    """Take an extension out, and what held only it."""
    holder = element.getparent()
    take_away(element)
    if holder is not None and not len(holder) and local(str(holder.tag)) in ("properties", "extensionElements"):
        _take(holder)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def pairs(text: str) -> list[tuple[str, str]]:
    """Return lines of `name = value` as pairs. Raises `Invalid` for a line that is none."""
    return [_pair(line) for line in _lines(text)]


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise Invalid(f"Write each line as name = value; this one is not: {shown(line)}")
    return name.strip(), value.strip()
