"""Read YAML that somebody wrote by hand, as YAML 1.2 means it: `yes` and `no` are words, `12:30` is no number.

Nothing in a file makes an object of Python's, points to another part of it, or names a field twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import yaml

from engine.errors import Invalid

MAX_BYTES: Final = 200_000
MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 30
_PLAIN: Final = (
    ("null", r"~|null|", ("~", "n", "")),
    ("bool", r"true|false", ("t", "f")),
    ("number", rf"-?\d{{1,{MAX_DIGITS}}}(?:\.\d{{1,{MAX_DIGITS}}})?", tuple("-0123456789")),
    ("date", r"\d{4}-\d{2}-\d{2}", tuple("0123456789")),
)
_OURS: Final = "urn:caf:"


class _Loader(yaml.SafeLoader):
    """Takes an unquoted word for what `_PLAIN` says, and for text otherwise."""


_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(_OURS + _name, re.compile(rf"(?:{_pattern})\Z", re.ASCII), list(_first))


def read_yaml(source: bytes | str, *, name: str) -> Any:
    """Return what YAML text holds; `name` is that of its file, for messages.

    Unquoted `true`, `false`, `null`, numbers (whole ones `int`, others `Decimal`) and dates like 2026-06-04 are
    what they look like; everything else is text. Raises `Invalid` (details: `file`, `field`, `line`) when it is no
    YAML in UTF-8, larger than `MAX_BYTES`, deeper than `MAX_DEPTH`, names a field twice, has anchors or tags.
    """
    if len(source) > MAX_BYTES:
        raise Invalid(f"{name}: this is larger than {MAX_BYTES // 1_000} KB", file=name)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise Invalid(f"{name}: this is not text in UTF-8; save it again as UTF-8", file=name) from error
    except RecursionError as error:
        raise Invalid(f"{name}: this is nested more than {MAX_DEPTH} deep", file=name) from error
    except yaml.YAMLError as error:
        raise _unreadable(name, error) from error
    return None if node is None else _Reading(name).value(node, "", 1)


def _unreadable(name: str, error: yaml.YAMLError) -> Invalid:
    mark = getattr(error, "problem_mark", None)
    line = None if mark is None else mark.line + 1
    where = "" if line is None else f"line {line}: "
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not well-formed"
    return Invalid(f"{name}: {where}this cannot be read as YAML: {said}", file=name, line=line)


class _Reading:
    """Turns the nodes of one file into values."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen: set[int] = set()

    def value(self, node: Any, where: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise self._wrong(node, where[:100], f"this is nested more than {MAX_DEPTH} deep")
        if id(node) in self._seen:
            raise self._wrong(node, where, "this points to another part of the file; write it out")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
            return dict(self._fields(node, where, depth))
        if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
            return [self.value(each, f"{where}[{number}]", depth + 1) for number, each in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, where)
        raise self._wrong(node, where, f"the tag {node.tag} is not taken")

    def _fields(self, node: yaml.MappingNode, where: str, depth: int) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, where, "the name of a field must be a word or some words")
            inside = f"{where}.{key.value}" if where else key.value
            if key.value in seen:
                raise self._wrong(key, inside, "this is given twice")
            seen.add(key.value)
            yield key.value, self.value(value, inside, depth + 1)

    def _scalar(self, node: yaml.ScalarNode, where: str) -> Any:
        kind, text = node.tag.removeprefix(_OURS), str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        if kind == "number":
            return Decimal(text) if "." in text else int(text)
        if kind == "date":
            try:
                return date.fromisoformat(text)
            except ValueError as error:
                raise self._wrong(node, where, f"{text} is not a real date") from error
        if not node.tag.endswith(":str"):
            raise self._wrong(node, where, f"the tag {node.tag} is not taken")
        return text

    def _wrong(self, node: Any, where: str, said: str) -> Invalid:
        line = node.start_mark.line + 1
        told = f"{where}: {said}" if where else said
        return Invalid(f"{self._name}: line {line}: {told}", file=self._name, field=where, line=line)
