"""Small helpers for reading the elements of a DMN file, and for saying where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.errors import Invalid, shown

Element = etree._Element

NAMESPACES = {
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
OLDER = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; turns a sentence into an error that names the place."""

    file: str
    kind: str = "decision"
    name: str = ""
    id: str = ""
    row: int | None = None
    column: str | None = None
    row_said: str = ""
    """How the table itself names the row, "" for its number."""

    def at(self, *, row: int | None = None, column: str | None = None, row_said: str = "") -> Place:
        """Return a more exact place."""
        said = row_said if row else self.row_said
        return Place(self.file, self.kind, self.name, self.id, row or self.row, column or self.column, said)

    def __str__(self) -> str:
        known = f" ({shown(self.id)})" if self.id else ""
        parts = [f"{self.kind} '{shown(self.name)}'{known}"] if self.name or self.id else []
        parts += [f"row {shown(self.row_said) or self.row}"] if self.row is not None else []
        parts += [f"column '{shown(self.column)}'"] if self.column else []
        return ", ".join(parts)

    def refusal(self, sentence: str) -> Invalid:
        """Return the error that refuses the file for what `sentence` says about this place.

        Details: `file`, `decision` (id, or name when it has none), `row` (from 1 or None), `column`.
        """
        where = ": ".join(part for part in (self.file, str(self)) if part)
        return Invalid(
            f"{where}: {sentence}", file=self.file, decision=self.id or self.name, row=self.row, column=self.column
        )


def tag(element: Element) -> str:
    """Return the local name of `element`."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the DMN child elements of `element`, only those called `names` when any are given."""
    space = _space(element)
    if names:
        yield from element.iterchildren(*[space + name for name in names])
        return
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(space):
            yield child


def child(element: Element, name: str) -> Element | None:
    """Return the first DMN child called `name`, or None."""
    return next(element.iterchildren(_space(element) + name), None)


def _space(element: Element) -> str:
    """Return the namespace of an element as it stands before the name of its tag."""
    return str(element.tag).rpartition("}")[0] + "}"


def is_dmn_import(element: Element) -> bool:
    """Tell whether an `import` element means a DMN file."""
    return (element.get("importType") or "").partition("://")[2].startswith("www.omg.org/spec/DMN/")


def text_of(element: Element | None) -> str:
    """Return the text of the `text` child of `element`, stripped; empty when there is none."""
    inner = child(element, "text") if element is not None else None
    return (inner.text or "").strip() if inner is not None else ""


def description_of(element: Element) -> str:
    """Return the text of the element's `description`, stripped; empty when there is none."""
    inner = child(element, "description")
    return (inner.text or "").strip() if inner is not None else ""


def name_of(element: Element) -> str:
    """Return the `name` attribute with runs of white space made one blank."""
    return " ".join((element.get("name") or "").split())


def variable_name(element: Element) -> str:
    """Return the name of the element's `variable`, else the element's own name."""
    variable = child(element, "variable")
    return (name_of(variable) if variable is not None else "") or name_of(element)


def variable_type(element: Element) -> str | None:
    """Return the `typeRef` of the element's `variable`, or None."""
    variable = child(element, "variable")
    return variable.get("typeRef") if variable is not None else None
