"""Turns the texts of a file into FEEL closures, and keeps what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from engine.dmn.run import Logic, Run, Scope
from engine.dmn.source import Element, Place
from engine.dmn.types import ItemType, TypeRegistry
from engine.errors import BudgetExceeded, Invalid, faults_of, shown
from engine.feel import (
    Environment,
    Expression,
    FeelSyntaxError,
    HostFunction,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
    nodes,
)

C = TypeVar("C", Expression, UnaryTests)
T = TypeVar("T")
FEEL_LANGUAGES = ("feel", "/feel/", "/feel")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a piece of logic can see while it is compiled, and where it stands."""

    names: frozenset[str]
    place: Place
    given: set[str] | None = None
    """Collects the names nothing declares, where a file may use undeclared inputs; None where it may not."""

    loose: bool = False
    """Whether unknown names may be entries of a list's items, which only a value can tell."""

    imported: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each import brings here, by the import's name."""

    def with_names(self, *names: str) -> Sight:
        """Return this with more names in scope, which hide imports called the same."""
        imported = {name: brought for name, brought in self.imported.items() if name not in names}
        return replace(self, names=self.names.union(names), imported=imported)

    def is_variable(self, text: str) -> bool:
        """Tell whether an expression that was compiled here is nothing but a name in scope."""
        return text in self.names or (self.given is not None and text in self.given)

    def at(self, *, row: int | None = None, column: str | None = None, row_said: str = "") -> Sight:
        """Return this at a more exact place; `row_said` is what the table calls the row."""
        place = self.place.at(row=row, column=column, row_said=row_said)
        return Sight(self.names, place, self.given, self.loose, self.imported)


@dataclass(slots=True)
class Compiler:
    """Compiles the expressions of one file."""

    types: TypeRegistry
    members: frozenset[str]
    """Names of parts of values (components, entries, columns) anywhere in the file; they may follow a dot."""
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    strict: bool = True
    faults: list[Invalid] = field(default_factory=list)
    """What is wrong with a file that is read strictly; each piece at fault is left out and the rest compiled."""
    notices: list[str] = field(default_factory=list)
    """What of the file is never run, though the file is valid: told whoever reads or deploys it."""
    made: dict[tuple[Any, str, frozenset[str]], Any] = field(default_factory=dict)
    """What was compiled already, by kind, text and the names in sight: cells of a table are often the same."""
    seen: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    """The names in sight together with `members`, by the names in sight."""

    def refuse(self, fault: Invalid) -> None:
        """Keep a fault of the file; a lenient reading passes over it."""
        if self.strict:
            self.faults.extend(faults_of(fault))

    def attempt(self, compile_part: Callable[[], T]) -> T | None:
        """Return what `compile_part` does; None when it refuses the file, the reason kept. Raises when not strict."""
        try:
            return compile_part()
        except Invalid as fault:
            if not self.strict:
                raise
            self.refuse(fault)
            return None

    def expression(self, text: str, sight: Sight) -> Expression | None:
        """Compile one expression; None when it is not FEEL and the file is read leniently."""
        return self._compiled(compile_expression, text, sight)

    def tests(self, text: str, sight: Sight) -> UnaryTests | None:
        """Compile the unary tests of a cell, input values or allowed values."""
        return self._compiled(compile_unary_tests, text, sight)

    def literal(self, text: str, sight: Sight) -> Logic:
        """Compile one expression into logic."""
        return self.logic(self.expression(text, sight), text, sight)

    def logic(self, expression: Expression | None, text: str, sight: Sight) -> Logic:
        """Make logic of what `expression` gave for the same text."""
        if expression is None:
            return broken(str(sight.place), "the expression is not FEEL")
        if sight.is_variable(text):
            return lambda scope, run: scope.names.get(text)
        code = expression.code
        return lambda scope, run: code(scope.frame)

    def type(self, ref: str | None, place: Place) -> ItemType | None:
        """Return the type a `typeRef` names; None for none and for Any."""
        try:
            return self.types.resolve(ref, place)
        except Invalid as fault:
            self.refuse(fault)
            return None

    def type_tests(self, text: str, place: Place) -> UnaryTests | None:
        """Compile the allowed values of a type, which see no names."""
        return self.tests(text, Sight(frozenset(), place))

    def constants(self, text: str, sight: Sight) -> tuple[Any, ...]:
        """Return the values of a list of constants such as output values, in order."""
        expression = self.expression(f"[{text}]", sight)
        value = expression.evaluate({}, Environment()) if expression is not None else None
        return tuple(value) if isinstance(value, list) else ()

    def fixed_functions(self, sight: Sight) -> Mapping[str, HostFunction]:
        """Return the fixed host functions that nothing in sight hides."""
        hidden = sight.names | self.members
        return {name: lent for name, lent in self.functions.items() if lent.fixed and name not in hidden}

    def language(self, element: Element, place: Place) -> None:
        """Refuse an expression written in a language other than FEEL."""
        language = (element.get("expressionLanguage") or "").strip().lower()
        if language and not language.endswith(FEEL_LANGUAGES):
            self.refuse(place.refusal(f"the expression language is '{shown(language)}'; write it in FEEL"))

    def _compiled(self, compile_text: Callable[..., C], text: str, sight: Sight) -> C | None:
        names = self._in_sight(sight)
        compiled: C | None = self.made.get((compile_text, text, names))
        try:
            if compiled is None:
                compiled = compile_text(text, names=names, functions=self.functions, types=self.types.named)
        except FeelSyntaxError as error:
            self.refuse(sight.place.refusal(f"`{shown(text)}` is not FEEL: {error.message}"))
            return None
        except BudgetExceeded as error:
            self.refuse(sight.place.refusal(f"`{shown(text)}` is too much: {error.message}"))
            return None
        self.made[compile_text, text, names] = compiled
        self._check_names(compiled, text, sight)
        if sight.imported:
            self._check_imported(compiled, text, sight)
        return compiled

    def _in_sight(self, sight: Sight) -> frozenset[str]:
        # Joined once for the hundreds of cells that see the same names.
        names = self.seen.get(sight.names)
        if names is None:
            names = self.seen[sight.names] = sight.names | self.members
        return names

    def _check_names(self, compiled: Expression | UnaryTests, text: str, sight: Sight) -> None:
        # A name of several words may be an entry of a list's items; one word there is told apart by FEEL itself.
        unknown = compiled.names_used - sight.names - self.functions.keys() - self.members
        if sight.loose:
            return
        called = unknown & _called(compiled) if unknown else set()
        if called:
            names = ", ".join(f"'{name}'" for name in sorted(called))
            self.refuse(sight.place.refusal(f"`{shown(text)}` calls {names}, and there is no such function here"))
            unknown -= called
        if sight.given is not None:
            sight.given.update(unknown)
            return
        if unknown:
            names = ", ".join(f"'{name}'" for name in sorted(unknown))
            self.refuse(
                sight.place.refusal(
                    f"`{shown(text)}` uses {names}, which is neither an input nor anything else connected to it"
                )
            )

    def _check_imported(self, compiled: Expression | UnaryTests, text: str, sight: Sight) -> None:
        for path in nodes.walk(compiled.node):
            source = path.source.name if isinstance(path, nodes.Path) and isinstance(path.source, nodes.Name) else None
            if source is not None and path.name not in sight.imported.get(source, (path.name,)):
                what = f"uses '{shown(source)}.{shown(path.name)}', which no arrow from the import brings here"
                self.refuse(sight.place.refusal(f"`{shown(text)}` {what}; connect it, or mend the name"))


def _called(compiled: Expression | UnaryTests) -> set[str]:
    """Return the names that it calls as functions."""
    calls = (each.function for each in nodes.walk(compiled.node) if isinstance(each, nodes.Call))
    return {function.name for function in calls if isinstance(function, nodes.Name)}


def broken(where: str, sentence: str) -> Logic:
    """Return logic that is null with a warning each time."""

    def logic(scope: Scope, run: Run) -> Any:
        run.warn("invalid", f"{where}: {sentence}")
        return None

    return logic
