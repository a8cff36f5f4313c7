"""A file as a list of its elements, each with what can be said of it: what two texts are compared by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from engine.comparing.diagrams import diagram_items
from engine.comparing.forms import form_items
from engine.comparing.items import Item
from engine.comparing.tables import table_items
from engine.errors import Invalid

__all__ = ["Item", "Outline", "outline_of"]


@dataclass(frozen=True, slots=True)
class Outline:
    """The elements of a file by their key, in its order; `problem` says why a text could not be read as its kind."""

    items: Mapping[str, Item] = field(default_factory=dict)
    problem: str = ""


_READERS: Final[Mapping[str, Callable[[bytes, str], dict[str, Item]]]] = MappingProxyType(
    {".bpmn": diagram_items, ".dmn": table_items, ".form": form_items}
)


def outline_of(file: str, content: bytes) -> Outline:
    """Return the elements of a file, by the ending of its name; of any other file its lines. Never raises."""
    reader = next((reader for ending, reader in _READERS.items() if file.endswith(ending)), _lines)
    try:
        return Outline(reader(content, file))
    except Invalid as wrong:
        return Outline(problem=wrong.message)


def _lines(content: bytes, _file: str) -> dict[str, Item]:
    """Return each line under its own text, with its number where that stands several times."""
    items: dict[str, Item] = {}
    for text in content.decode(errors="replace").splitlines():
        key, again = text, 1
        while key in items:
            again += 1
            key = f"{text} ({again})"
        if text.strip():
            items[key] = Item(key, "Line", text.strip(), {})
    return items
