"""Read a DMN 1.3, 1.4 or 1.5 file as dmn-js and the other modellers write it, and compile all of it once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from engine.dmn.compiler import Compiler
from engine.dmn.elements import ElementReader
from engine.dmn.graph import Graph
from engine.dmn.model import DecisionModel
from engine.dmn.source import NAMESPACES, OLDER, Element, Place, children, is_dmn_import, name_of, tag
from engine.dmn.types import TypeRegistry
from engine.errors import refuse_for, shown
from engine.feel import HostFunction, built_in_names
from engine.xml import parse_untrusted

NO_IMPORTS: Mapping[str, DecisionModel] = MappingProxyType({})
NO_FUNCTIONS: Mapping[str, HostFunction] = MappingProxyType({})
MOST_IMPORTED: Final = 20_000
"""Types and inputs of imported files, counted for each way they come by: two imports in each of many files multiply."""
_NAMED = ("itemComponent", "variable", "column", "output", "parameters", "inputData", "decision")
"""The elements whose names may stand after a dot."""


def read_model(
    source: bytes,
    *,
    name: str,
    imports: Mapping[str, DecisionModel] = NO_IMPORTS,
    functions: Mapping[str, HostFunction] = NO_FUNCTIONS,
    strict: bool = True,
) -> DecisionModel:
    """Return the compiled model of a DMN file's bytes.

    `name` is the file's name, used in messages. `imports` maps a namespace to the model, read before, that an
    `import` of it means. `functions` maps the names of host functions that cells may call. In a file without
    input data elements (as dmn-js draws a lone table) the names that nothing declares are inputs.

    Raises `Invalid` (details: `file`, `decision`, `row`, `column`), `SeveralFaults` for more than one fault: a file
    that is not DMN of these versions, an expression that does not compile or uses a name nothing connects to it, an
    unknown type, decision or hit policy, requirements that go round in a circle, and ids used twice. With `strict`
    false an expression that does not compile is null with a warning instead, as the conformance kit wants.
    """
    root = parse_untrusted(source, name)
    try:
        return _read(root, name, imports, functions, strict)
    except RecursionError:
        raise Place(name).refusal("types, expressions or names are nested too deeply in it") from None


def _read(
    root: Element, name: str, imports: Mapping[str, DecisionModel], functions: Mapping[str, HostFunction], strict: bool
) -> DecisionModel:
    version = _version(root, name)
    _check_ids(root, name)
    types = TypeRegistry(name)
    known = _imports(root, imports, name)
    for prefix, model in known.items():
        types.include(prefix, model.types)
    compiler = Compiler(types, _members(root, known), functions, strict)
    types.define(children(root, "itemDefinition"), compiler)
    graph = Graph(root, name, known)
    for fault in graph.doubled_names():
        compiler.refuse(fault)
    whole = compiler.attempt(ElementReader(root, name, version, compiler, graph, known).model)
    refuse_for(compiler.faults)
    assert whole is not None  # noqa: S101 - without a fault there is one
    return whole


def _version(root: Element, file: str) -> str:
    space = etree.QName(root).namespace or ""
    if tag(root) == "definitions" and space in NAMESPACES:
        return NAMESPACES[space]
    if space in OLDER:
        sentence = f"this is DMN {OLDER[space]}; open it in a current modeller and save it as DMN 1.3 or later"
        raise Place(file).refusal(sentence)
    raise Place(file).refusal("this is not a DMN 1.3, 1.4 or 1.5 file: its first element must be <definitions>")


def _check_ids(root: Element, file: str) -> None:
    seen: set[str] = set()
    for element in root.iter(f"{{{etree.QName(root).namespace}}}*"):
        given = element.get("id")
        if given is None:
            continue
        if given in seen:
            raise Place(file).refusal(f"the id '{shown(given)}' is used twice; give <{tag(element)}> another one")
        seen.add(given)


def _imports(root: Element, available: Mapping[str, DecisionModel], file: str) -> dict[str, DecisionModel]:
    known: dict[str, DecisionModel] = {}
    for element in children(root, "import"):
        space, name = element.get("namespace") or "", name_of(element)
        if not is_dmn_import(element):
            sentence = f"the import '{shown(name)}' is of a kind that is not read here; import DMN files only"
            raise Place(file).refusal(sentence)
        if space not in available:
            raise Place(file).refusal(f"the import '{shown(name)}' needs the file of {space}, which is not given")
        if name in known:
            raise Place(file).refusal(f"two imports are called '{shown(name)}'; give one of them another name")
        known[name] = available[space]
    if sum(map(_size, known.values())) > MOST_IMPORTED:
        sentence = f"its imports bring more than {MOST_IMPORTED:,} types and inputs; import fewer files"
        raise Place(file).refusal(sentence)
    return known


def _size(model: DecisionModel) -> int:
    return len(model.types.named) + sum(len(each.inputs_needed) for each in model.decisions.values())


def _members(root: Element, known: Mapping[str, DecisionModel]) -> frozenset[str]:
    """Return the names of several words that may stand after a dot anywhere in the file."""
    found = set()
    for element in root.iter(*[f"{{{etree.QName(root).namespace}}}{kind}" for kind in _NAMED]):
        found.add(name_of(element))
    for model in known.values():
        found |= model.members
    # A built-in of the same name must stay one; a single word needs no help from the parser.
    return frozenset(name for name in found - built_in_names() if name and not name.isidentifier())

