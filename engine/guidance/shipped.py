"""The guides that come with the service, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from engine.guidance.written import Guide, read_guide

ORDER: Final = ("steps", "lead", "team", "sharing", "managers")
"""The keys of the guides, each the name of its file without the ending."""


@cache
def shipped() -> Mapping[str, Guide]:
    """Return the guides by key, in order."""
    texts = resources.files(__name__.rpartition(".")[0]) / "texts"
    return MappingProxyType({key: read_guide(key, (texts / f"{key}.md").read_text("utf-8")) for key in ORDER})


def guide(place: str) -> tuple[Guide, str] | None:
    """Return the guide that a place ("steps" or "steps#consent") names, and the section's anchor or ""."""
    key, _, anchor = place.partition("#")
    found = shipped().get(key)
    if found is None or (anchor and found.section(anchor) is None):
        return None
    return found, anchor


@cache
def anchors() -> frozenset[str]:
    """Return every place that a diagram may name: each guide, and each section of it."""
    guides = shipped().values()
    return frozenset(guide.key for guide in guides) | frozenset(
        f"{guide.key}#{section.anchor}" for guide in guides for section in guide.sections
    )
