"""Rules files that import each other: which file a namespace means, and each read after those that it imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from engine.dmn.model import DecisionModel
from engine.dmn.reader import read_model
from engine.dmn.source import children, is_dmn_import, name_of
from engine.errors import Invalid, faults_of, shown
from engine.feel import HostFunction
from engine.xml import parse_untrusted


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules files in force: their models by key, and by the same key the text of those that import others."""

    models: Mapping[str, DecisionModel] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadTogether:
    """What came of reading files together, each after those that it imports.

    `models` are by file name; `again`, by key, those in force that import one of the files, read anew with it.
    `faults` say of each file what is wrong with it, `broken` of each file in force what these would break in it.
    """

    models: Mapping[str, DecisionModel]
    again: Mapping[str, DecisionModel]
    faults: tuple[tuple[str, Invalid], ...]
    broken: tuple[tuple[str, Invalid], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What a rules file says of itself; `imports` are (name, namespace) of DMN files only, `decisions` their ids."""

    file: str
    key: str
    namespace: str
    imports: tuple[tuple[str, str], ...]
    decisions: frozenset[str] = frozenset()


_Node: TypeAlias = tuple[str, bool]
"""A file that is read: the name of one given (True), or the key of one in force that stays (False)."""


def read_together(
    files: Mapping[str, bytes], in_force: InForce, functions: Mapping[str, HostFunction]
) -> ReadTogether:
    """Read rules files (name -> content), each with those it imports: of the files given, else of those in force.

    A file in force that imports one given is read anew; one whose key is that of a file given is replaced by it. Raises
    nothing for what the files say: a namespace that no file or several have, and imports that go round in a circle,
    are among the faults.
    """
    return _Reading(files, in_force, functions).read()


def imported_from(files: Mapping[str, bytes], others: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Return those of `others` (name, content) that `files` import and lack, with what these import in turn.

    `others` are looked at only when something is lacking; unreadable ones are passed over.
    """
    found: dict[str, bytes] = {}
    heads = list(heads_of(files.items()))
    offered: dict[str, list[Head]] | None = None
    texts: dict[str, bytes] = {}
    while missing := {space for head in heads for _, space in head.imports} - {head.namespace for head in heads}:
        if offered is None:
            texts, offered = {name: text for name, text in others if name not in files}, {}
            for head in heads_of(texts.items()):
                offered.setdefault(head.namespace, []).append(head)
        more = [head for space in missing for head in offered.pop(space, ())]
        if not more:
            break
        heads += more
        found.update({head.file: texts[head.file] for head in more})
    return found


def heads_of(files: Iterable[tuple[str, bytes]]) -> Iterator[Head]:
    """Yield what each of `files` (name, content) says of itself; one that cannot be read is passed over."""
    for name, text in files:
        try:
            yield _head(name, text)
        except Invalid:
            continue


def _head(file: str, source: bytes) -> Head:
    root = parse_untrusted(source, file)
    imports = tuple(
        (name_of(each), each.get("namespace") or "") for each in children(root, "import") if is_dmn_import(each)
    )
    decisions = frozenset(each.get("id") or name_of(each) for each in children(root, "decision"))
    return Head(file, root.get("id") or name_of(root), root.get("namespace") or "", imports, decisions)


class _Reading:
    """Files being read together, and what was found wrong with them so far."""

    def __init__(
        self, files: Mapping[str, bytes], in_force: InForce, functions: Mapping[str, HostFunction]
    ) -> None:
        self._files, self._in_force, self._functions = files, in_force, functions
        self._faults: list[tuple[str, Invalid]] = []
        self._broken: list[tuple[str, Invalid]] = []
        self._failed: set[_Node] = set()
        self._models: dict[_Node, DecisionModel] = {}
        self._new: set[_Node] = set()
        self._heads = self._all_heads()
        self._by_key = {head.key: node for node, head in self._heads.items()}
        self._meant = {node: dict(self._resolved(node)) for node in self._heads}

    def read(self) -> ReadTogether:
        """Read every file, those that are imported first."""
        for node in self._in_order():
            if node in self._failed:
                continue
            lacking = [each for each in self._meant[node].values() if each in self._failed]
            if not lacking:
                self._read(node)
            elif node[1]:
                self._fail(node, self._unreadable(node, lacking[0]))
            else:
                self._failed.add(node)  # what it imports is wrong, and that is said
        given = {name: model for (name, is_given), model in self._models.items() if is_given}
        new = self._new & self._models.keys()
        again = {key: model for (key, is_given), model in self._models.items() if (key, False) in new and not is_given}
        return ReadTogether(given, again, tuple(self._faults), tuple(self._broken))

    def _all_heads(self) -> dict[_Node, Head]:
        heads: dict[_Node, Head] = {}
        for file in sorted(self._files):
            try:
                heads[file, True] = _head(file, self._files[file])
            except Invalid as error:
                self._faults.append((file, error))
        replaced = {head.key for head in heads.values()}
        for key, model in sorted(self._in_force.models.items()):
            if key not in replaced:
                imports = tuple((name, each.namespace) for name, each in model.imports.items())
                heads[key, False] = Head(model.file, key, model.namespace, imports)
        return heads

    def _old(self, key: str) -> DecisionModel:
        return self._in_force.models[key]

    def _resolved(self, node: _Node) -> Iterator[tuple[str, _Node]]:
        """Yield each namespace that a file imports with the file it means; a namespace without one is a fault."""
        for name, space in self._heads[node].imports:
            found = self._as_before(node, name, space)
            if not found:
                found = self._having(space)
                self._new.add(node)
            if len(found) == 1:
                yield space, found[0]
            else:
                self._fail(node, self._unclear(node, name, space, found))

    def _as_before(self, node: _Node, name: str, space: str) -> list[_Node]:
        """Return what an import of a file in force means now: the same file, in the version that is to be."""
        key, given = node
        if given:
            return []
        same = self._by_key.get(self._old(key).imports[name].key)
        return [same] if same is not None and self._heads[same].namespace == space else []

    def _having(self, space: str) -> list[_Node]:
        """Return the files of a namespace: those given, and only without any those in force."""
        found = [node for node, head in self._heads.items() if head.namespace == space]
        return [node for node in found if node[1]] or found

    def _unclear(self, node: _Node, name: str, space: str, found: list[_Node]) -> Invalid:
        what = f"the import '{shown(name)}' names the namespace '{shown(space)}'"
        if found:
            files = ", ".join(sorted(self._heads[each].file for each in found))
            sentence = f"{what}, which several files have: {files}; give the one you mean a namespace of its own"
            return self._fault(node, name or space, sentence)
        what = f"{what}, which no rules file given or in force has"
        return self._fault(node, name or space, f"{what}; add the file that has it, or mend the namespace")

    def _unreadable(self, node: _Node, other: _Node) -> Invalid:
        space = next(space for space, each in self._meant[node].items() if each == other)
        name = next(name for name, each in self._heads[node].imports if each == space)
        sentence = f"the import '{shown(name)}' needs {self._heads[other].file}, which cannot be read; mend that first"
        return self._fault(node, name or space, sentence)

    def _fault(self, node: _Node, element: str, sentence: str) -> Invalid:
        file = self._heads[node].file
        return Invalid(f"{file}: {sentence}", file=file, element=element)

    def _fail(self, node: _Node, error: Invalid) -> None:
        self._failed.add(node)
        (self._faults if node[1] else self._broken).append((self._heads[node].file, error))

    def _in_order(self) -> list[_Node]:
        """Return all files, each after those it imports; those that import each other in a circle have failed."""
        meant = {node: set(spaces.values()) for node, spaces in self._meant.items()}
        while True:
            try:
                return list(TopologicalSorter(meant).static_order())
            except CycleError as error:
                circle: list[_Node] = error.args[1][::-1]
                names = " -> ".join(self._heads[node].file for node in circle)
                sentence = f"the imports go round in a circle: {names}; take one of them out"
                for node in dict.fromkeys(circle):
                    self._failed.add(node)
                    if node[1]:
                        self._fail(node, self._fault(node, self._heads[node].key, sentence))
                    meant[node] = set()

    def _read(self, node: _Node) -> None:
        name, given = node
        imports = {space: self._models[each] for space, each in self._meant[node].items()}
        if not given and not self._new & {node, *self._meant[node].values()}:
            self._models[node] = self._old(name)
            return
        self._new.add(node)
        source = self._files[name] if given else self._in_force.sources[name]
        try:
            self._models[node] = read_model(
                source, name=self._heads[node].file, imports=imports, functions=self._functions
            )
        except Invalid as error:
            for fault in faults_of(error):
                self._fail(node, fault)
