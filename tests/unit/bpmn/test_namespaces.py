"""Operaton's namespace reads as Camunda's."""

from __future__ import annotations

from engine.bpmn.namespaces import CAMUNDA, as_camunda
from engine.xml import parse_untrusted

SOURCE = b"""<a xmlns:o="http://operaton.org/schema/1.0/bpmn" xmlns:c="http://camunda.org/schema/1.0/bpmn">
    <b o:assignee="ann" o:priority="1" c:priority="2" other="3"/><o:in target="x"/></a>"""


def test_operaton_reads_as_camunda() -> None:
    root = as_camunda(parse_untrusted(SOURCE, "a.bpmn"))
    assert dict(root[0].attrib) == {f"{CAMUNDA}assignee": "ann", f"{CAMUNDA}priority": "2", "other": "3"}
    assert root[1].tag == f"{CAMUNDA}in"
