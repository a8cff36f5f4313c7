"""Comments in a model's text, which editors that draw do not write: put back where they stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from itertools import islice
from typing import Final

from lxml import etree

from engine.errors import Invalid
from engine.xml import parse_untrusted

_Node = etree._Element
_LOOKED_AT: Final = 100
"""How many elements after a comment are looked for, so that a text made to be slow is not."""


def with_comments(file: str, content: bytes, before: bytes) -> bytes:
    """Return the text `content` of a diagram or of rules with the comments of the one `before` that it lacks.

    Each stands in front of what it stood in front of; where that is gone, in front of what came next, or at the end of
    what it stood in; where that is gone too, so is the comment. What cannot be read stays as it is.
    """
    if not file.lower().endswith((".bpmn", ".dmn")) or b"<!--" not in before:
        return content
    try:
        old, new = (parse_untrusted(each, file, keep_comments=True) for each in (before, content))
    except Invalid:
        return content
    there = Counter(each.text for each in _comments(new))
    lacking = []
    for each in _comments(old):
        there[each.text] -= 1
        if there[each.text] < 0:
            lacking.append(each)
    places = _Places(old, new)
    for each in lacking:
        places.put(each)
    return etree.tostring(new.getroottree(), xml_declaration=True, encoding="UTF-8") if lacking else content


def _comments(root: _Node) -> Iterator[_Node]:
    around = (*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings())
    return (each for outer in around for each in outer.iter(etree.Comment))


class _Places:
    """Where in a text the elements of another are: by id, else as the how-manieth of their sort in the same place."""

    def __init__(self, old: _Node, new: _Node) -> None:
        self._old, self._new = old, new
        self._names = dict(_named(old))
        self._by_name = {name: each for each, name in _named(new)}

    def put(self, comment: _Node) -> None:
        """Put a comment of the old text into the new one, if what it stood in is there."""
        made, holder = etree.Comment(comment.text), comment.getparent()
        if holder is None:
            (self._new.addprevious if self._old in comment.itersiblings() else self._new.addnext)(made)
            return
        after: Iterator[_Node] = islice(comment.itersiblings("*"), _LOOKED_AT)
        if _is_mixed(holder) and holder is not self._old:
            after, holder = iter((holder,)), holder.getparent()
        inside = self._now(holder)
        if inside is None:
            return
        found = (now for each in after if (now := self._now(each)) is not None)
        place = next((now for now in found if now.getparent() is inside), None)
        if place is not None:
            place.addprevious(made)
        else:
            inside.append(made)

    def _now(self, old: _Node | None) -> _Node | None:
        return self._by_name.get(self._names[old]) if old is not None else None


def _named(root: _Node) -> Iterator[tuple[_Node, Hashable]]:
    """Name every element of a text by its id, without one by its sort and place."""
    names: dict[_Node | None, Hashable] = {}
    numbers: Counter[Hashable] = Counter()
    for each in root.iter("*"):
        where = ("", ()) if each is root else (each.tag, names[each.getparent()])
        numbers[where] += 1
        names[each] = (each.tag, each.get("id")) if each.get("id") and each is not root else (*where, numbers[where])
        yield each, names[each]


def _is_mixed(holder: _Node) -> bool:
    """Tell whether text stands beside the comments in an element: where among its words they stood is not kept."""
    return any(text and text.strip() for text in (holder.text, *(child.tail for child in holder)))
