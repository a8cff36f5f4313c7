"""Diagrams read and changed as nested lists of steps: XML in, XML out, the drawing kept; no database.

What is not understood stays as it is, comments and other programs' extensions included.
"""

from __future__ import annotations

from engine.outlines.changing import (
    add_choice,
    add_reminder,
    add_step,
    lanes_of,
    lead_elsewhere,
    remove_step,
    remove_way,
)
from engine.outlines.diagram import Diagram
from engine.outlines.properties import Field, fields_of, set_fields
from engine.outlines.reading import Onward, Outline, Step, outline, steps_of

__all__ = [
    "Diagram",
    "Field",
    "Onward",
    "Outline",
    "Step",
    "add_choice",
    "add_reminder",
    "add_step",
    "fields_of",
    "lanes_of",
    "lead_elsewhere",
    "outline",
    "remove_step",
    "remove_way",
    "set_fields",
    "steps_of",
]
