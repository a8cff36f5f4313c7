"""Check that the place in a guide that a process or a user task opens is there."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from engine.bpmn.catalogue import GUIDANCE
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import Model, properties
from engine.errors import shown


def check_guidance(model: Model) -> Iterator[Finding]:
    """Refuse a place in a guide that nobody wrote, and one on an element that has no page."""
    known = model.catalogue.guidance
    for element in (*model.executable, *model.nodes()):
        place = properties(element).get(GUIDANCE)
        if place is None:
            continue
        if element not in model.executable and not str(element.tag).endswith("}userTask"):
            what = "it names guidance, and has no page to open it from"
            yield model.error(element, what, "put the property on the user task, or on the process for all its tasks")
        elif known is not None and place not in known:
            near = get_close_matches(place, known, n=1) or sorted(known)[:1]
            what = f"{GUIDANCE} is {shown(place)!r}, which no guide has"
            yield model.error(element, what, f"write a place such as {near[0]}")
