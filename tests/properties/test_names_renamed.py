"""Rename any one variable that any shipped diagram reads, and the checker finds it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.expressions import read_expression, read_time
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.checking import Known, check
from engine.feel import compile_expression
from tests.worlds import shipped_models

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
ATTRIBUTES = ("dueDate", "followUpDate", "collection")
NAMED = ("assignee", "candidateGroups")
TEXTS = (
    "conditionExpression", "timeDate", "timeDuration", "timeCycle", "completionCondition", "loopCardinality",
    "loopCondition", "inputParameter", "outputParameter",
)  # fmt: skip
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
Place = tuple[str, str, str | None, str]
"""File, path of the element, attribute (None: its text), name."""


@cache
def places() -> tuple[Place, ...]:
    """Return every reading of a variable in the shipped diagrams."""
    return tuple(
        place for file, text in sorted(shipped_models().items()) if file.endswith(".bpmn") for place in _in(file, text)
    )


def by_file() -> list[list[Place]]:
    """Return the same, apart for each file."""
    return [list(each) for _, each in groupby(places(), key=itemgetter(0))]


def _in(file: str, text: bytes) -> Iterator[Place]:
    tree = etree.fromstring(text).getroottree()
    for element in tree.iter(etree.Element):
        path, tag = tree.getpath(element), etree.QName(element).localname
        for attribute, feel in _expressions(element, tag):
            for name in sorted(compile_expression(feel, functions=HOST_FUNCTIONS).names_used):
                yield file, path, attribute, name


def _expressions(element: etree._Element, tag: str) -> Iterator[tuple[str | None, str]]:
    for name in ATTRIBUTES:
        if element.get(CAMUNDA + name):
            yield CAMUNDA + name, read_time(element.get(CAMUNDA + name) or "").feel
    for name in NAMED:
        if (element.get(CAMUNDA + name) or "").startswith("="):
            yield CAMUNDA + name, read_expression(element.get(CAMUNDA + name) or "").feel
    if element.tag in (CAMUNDA + "in", CAMUNDA + "out"):
        for name in ("source", "sourceExpression"):
            if element.get(name):
                yield name, read_expression(element.get(name) or "").feel
    text = (element.text or "").strip()
    if tag in TEXTS and text and (not tag.endswith("Parameter") or text.startswith("=")):
        yield None, read_time(text).feel


@given(
    chosen=st.tuples(*map(st.sampled_from, by_file())),
    more=st.text(string.ascii_lowercase, min_size=1, max_size=3),
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_renamed_variable_is_found(chosen: tuple[Place, ...], more: str) -> None:
    """One in each diagram at once: reading all of them takes most of the time."""
    files = dict(shipped_models())
    for file, path, attribute, name in chosen:
        files[file] = _renamed(files[file], path, attribute, name, f"{name}_{more}")
    told = [(each.file, each.what) for each in check(files, Known()).findings]
    for place in chosen:
        file, *_, name = place
        assert any(at == file and f'"{name}_{more}" is set by nothing' in what for at, what in told), place


def _renamed(text: bytes, path: str, attribute: str | None, name: str, new: str) -> bytes:
    tree = etree.fromstring(text).getroottree()
    (element,) = tree.xpath(path, namespaces={prefix: uri for prefix, uri in tree.getroot().nsmap.items() if prefix})
    before = (element.text if attribute is None else element.get(attribute)) or ""
    after = _outside_strings(before, rf"(?<![\w.]){re.escape(name)}(?!\w)", new)
    assert after != before
    if attribute is None:
        element.text = after
    else:
        element.set(attribute, after)
    return etree.tostring(tree)


def _outside_strings(text: str, pattern: str, new: str) -> str:
    parts = STRING.split(text)
    kept = [*STRING.findall(text), ""]
    return "".join(re.sub(pattern, new, part) + string_ for part, string_ in zip(parts, kept, strict=True))
