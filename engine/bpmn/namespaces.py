"""Read Operaton's extension namespace as Camunda 7's, from which it comes: the names in them are the same."""

from __future__ import annotations

from lxml import etree

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
OPERATON = "{http://operaton.org/schema/1.0/bpmn}"


def as_camunda(root: etree._Element) -> etree._Element:
    """Rename Operaton's attributes and elements under `root` to Camunda's, in place; return `root`.

    Where an element has both, Camunda's attribute stays.
    """
    for element in root.iter("*"):
        tag = str(element.tag)
        if tag.startswith(OPERATON):
            element.tag = CAMUNDA + tag[len(OPERATON) :]
        for name in [str(name) for name in element.attrib if str(name).startswith(OPERATON)]:
            value = element.attrib.pop(name)
            if CAMUNDA + name[len(OPERATON) :] not in element.attrib:
                element.set(CAMUNDA + name[len(OPERATON) :], value)
    return root
