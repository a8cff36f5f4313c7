"""What changed between two texts of a diagram, rules or a form, in plain words; pure."""

from __future__ import annotations

from engine.comparing.changes import Change, Differences, Part, differences
from engine.comparing.outlines import Item, Outline, outline_of
from engine.comparing.three_ways import Choice, choices

__all__ = ["Change", "Choice", "Differences", "Item", "Outline", "Part", "choices", "differences", "outline_of"]
