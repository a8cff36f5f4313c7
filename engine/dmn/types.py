"""Item definitions: what a name may hold, checked and coerced as DMN 1.5 says in 7.3.3 and 10.3.2.9.4."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from engine.dmn.source import Element, Place, child, children, name_of, text_of
from engine.errors import shown
from engine.feel import Environment, FeelDateTime, FeelSyntaxError, FeelTime, TypeTest, UnaryTests, WideDate, type_test
from engine.feel.nodes import InstanceOf, TypeNode
from engine.feel.parser import parse_expression

if TYPE_CHECKING:
    from engine.dmn.compiler import Compiler

MISFIT: Any = object()
"""Says that a value cannot be made to fit a type."""

ANY = TypeNode("Any")
# Names that modellers write for FEEL's own types: Camunda 7's, and prefixes left over from DMN 1.1.
ALIASES = {"integer": "number", "long": "number", "double": "number"}
PREFIXES = ("feel:", "xsd:", "xs:")


@dataclass(frozen=True, slots=True)
class ItemType:
    """A kind of value."""

    name: str
    node: TypeNode
    """The type as FEEL writes it, item definitions spelled out."""
    test: TypeTest
    """Says whether a value (never null) may be held: is of this type, and allowed."""
    collection: bool = False
    allowed_text: str = ""
    """Allowed values as written in the file."""
    result: ItemType | None = None
    """Of a function: the type of what it answers."""

    def describe(self) -> str:
        """Return the type as it reads in a sentence."""
        return f"of the type '{self.name}'" + (f" ({self.allowed_text})" if self.allowed_text else "")

    def fit(self, value: Any) -> Any:
        """Return `value` as a value of this type, or `MISFIT`.

        A list of one becomes its item where one item is wanted, an item a list of one where a list is
        wanted, a date its midnight in UTC where a date and time is wanted.
        """
        if value is None or self.test(value):
            return value
        if type(value) is list and len(value) == 1 and not self.collection:
            return self.fit(value[0])
        if self.collection and type(value) is not list and self.test([value]):
            return [value]
        if isinstance(value, date | WideDate):
            midnight = FeelDateTime(value, FeelTime(0, 0, 0, offset=0))
            return midnight if self.test(midnight) else MISFIT
        return MISFIT


class TypeRegistry:
    """The types of one file, by name."""

    def __init__(self, file: str) -> None:
        self.named: dict[str, TypeTest] = {}
        """Name -> test, as the FEEL compiler takes them; types may be named before they are defined."""
        self._file = file
        self._items: dict[str, ItemType | None] = {}
        self._elements: dict[str, Element] = {}
        self._under_way: set[str] = set()
        self._shapes: dict[str, TypeTest] = {}

    def include(self, prefix: str, other: TypeRegistry) -> None:
        """Take in the types of an imported model, under the import's name."""
        for name, item in other._items.items():
            self._items[f"{prefix}.{name}" if prefix else name] = item
        self.named.update({f"{prefix}.{name}" if prefix else name: test for name, test in other.named.items()})

    def define(self, elements: Iterable[Element], compiler: Compiler) -> None:
        """Read a file's `itemDefinition` elements. Raises `Invalid` for an unknown or doubled name."""
        for element in elements:
            name = name_of(element)
            if name in self._elements:
                raise self._place(name).refusal("two types have this name; give one of them another")
            self._elements[name] = element
            self.named[name] = self._late_test(name)
        for name in self._elements:
            compiler.attempt(partial(self._item, name, compiler))
            self._items.setdefault(name, None)

    def resolve(self, ref: str | None, place: Place, compiler: Compiler | None = None) -> ItemType | None:
        """Return the type a `typeRef` names, None for Any. Raises `Invalid` for an unknown name."""
        name = _clean(ref or "")
        if not name or name == "Any":
            return None
        if name in self._items:
            return self._items[name]
        if compiler is not None and name in self._elements:
            return self._item(name, compiler)
        node = _parsed(name)
        test = type_test(node, self.named) if node is not None else None
        if node is None or test is None:
            raise place.refusal(f"there is no type '{shown(name)}'; define it or use one of FEEL's own")
        return ItemType(name, node, test, collection=node.name == "list")

    def _late_test(self, name: str) -> TypeTest:
        def test(value: Any) -> bool:
            item = self._items[name]
            return item is None or self._shape(item)(value)

        return test

    def _inner_test(self, name: str) -> TypeTest:
        return lambda value: _fits(self._items[name], value)

    def _shape(self, item: ItemType) -> TypeTest:
        # `instance of` asks for the kind of value only; allowed values do not count there.
        if item.name not in self._shapes:
            self._shapes[item.name] = type_test(item.node, self.named) or item.test
        return self._shapes[item.name]

    def _place(self, name: str) -> Place:
        return Place(self._file, "type", name)

    def _item(self, name: str, compiler: Compiler) -> ItemType | None:
        if name in self._items:
            return self._items[name]
        if name in self._under_way:
            # A type made of itself, such as a tree: its inner use is looked up when a value is tested.
            return ItemType(name, TypeNode(name), self._inner_test(name))
        self._under_way.add(name)
        item = self._items[name] = self._read(self._elements[name], name, self._place(name), compiler)
        self._under_way.discard(name)
        return item

    def _read(self, element: Element, name: str, place: Place, compiler: Compiler) -> ItemType | None:
        base = self._base(element, name, place, compiler)
        allowed = text_of(child(element, "allowedValues"))
        if allowed:
            base = _constrained(name, base, allowed, compiler.type_tests(allowed, place))
        if element.get("isCollection") == "true":
            base = _list_of(name, base)
        whole = text_of(child(element, "typeConstraint"))
        return _constrained(name, base, whole, compiler.type_tests(whole, place), whole=True) if whole else base

    def _base(self, element: Element, name: str, place: Place, compiler: Compiler) -> ItemType | None:
        components = list(children(element, "itemComponent"))
        function = child(element, "functionItem")
        if components:
            return _context_of(name, [
                (name_of(each), self._read(each, name_of(each), place.at(column=name_of(each)), compiler))
                for each in components
            ])
        if function is not None:
            parts = [self.resolve(each.get("typeRef"), place, compiler) for each in children(function, "parameters")]
            result = self.resolve(function.get("outputTypeRef"), place, compiler)
            node = TypeNode("function", tuple(map(_node, parts)), result=_node(result))
            return ItemType(name, node, type_test(node, self.named) or (lambda value: False), result=result)
        ref = child(element, "typeRef")
        item = self.resolve(ref.text if ref is not None else None, place, compiler)
        return None if item is None else replace(item, name=name)


def _clean(ref: str) -> str:
    name = " ".join(ref.split())
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return ALIASES.get(name, name)


@lru_cache(maxsize=256)
def _parsed(ref: str) -> TypeNode | None:
    try:
        node = parse_expression(f"null instance of {ref}", names=())
    except FeelSyntaxError:
        return None
    return node.type if isinstance(node, InstanceOf) else None


def _node(item: ItemType | None) -> TypeNode:
    return ANY if item is None else item.node


def _fits(item: ItemType | None, value: Any) -> bool:
    return value is None or item is None or item.test(value)


def _list_of(name: str, item: ItemType | None) -> ItemType:
    def test(value: Any) -> bool:
        return type(value) is list and all(_fits(item, each) for each in value)

    return ItemType(name, TypeNode("list", (_node(item),)), test, True, item.allowed_text if item else "")


def _context_of(name: str, fields: list[tuple[str, ItemType | None]]) -> ItemType:
    def test(value: Any) -> bool:
        return type(value) is dict and all(field in value and _fits(kind, value[field]) for field, kind in fields)

    node = TypeNode("context", tuple(_node(kind) for _, kind in fields), tuple(field for field, _ in fields))
    return ItemType(name, node, test)


def _constrained(
    name: str, base: ItemType | None, text: str, allowed: UnaryTests | None, *, whole: bool = False
) -> ItemType:
    """Return `base` limited to what `allowed` matches: each item of a list, or the list as a `whole`."""

    def permitted(value: Any) -> bool:
        return allowed is None or allowed.matches(value, {}, Environment()) is True

    def test(value: Any) -> bool:
        if not _fits(base, value):
            return False
        if type(value) is list and not whole:
            return all(each is None or permitted(each) for each in value)
        return permitted(value)

    return ItemType(name, _node(base), test, base is not None and base.collection, text)
