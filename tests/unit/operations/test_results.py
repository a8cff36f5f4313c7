"""What operations are said to give back is what their code gives back: diagrams are checked by it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.operations import RECORD, SERVICE
from engine.operations.results import RESULTS

OPERATIONS: dict[str, Callable[..., Any]] = {**{name: each.apply for name, each in RECORD.items()}, **SERVICE}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_names_are_those_that_the_code_returns(operation: str) -> None:
    assert RESULTS[operation] == frozenset(returned(OPERATIONS[operation]))


def test_nothing_is_listed_that_does_not_exist() -> None:
    assert RESULTS.keys() == OPERATIONS.keys()


def returned(function: Callable[..., Any]) -> Iterator[str]:
    """Yield the keys of every mapping that `function` may return, those of its helpers included."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = inspect.unwrap(function).__globals__
    for each in ast.walk(tree):
        if isinstance(each, ast.Return) and each.value is not None:
            yield from keys(each.value, tree, names)


def keys(value: ast.expr, tree: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of the mapping that an expression makes. Fails on what it cannot follow."""
    if isinstance(value, ast.Dict):
        for key, inside in zip(value.keys, value.values, strict=True):
            yield from keys(inside, tree, names) if key is None else [ast.literal_eval(key)]
    elif isinstance(value, ast.DictComp) and isinstance(value.generators[0].iter, ast.Name):
        yield from names[value.generators[0].iter.id]
    elif isinstance(value, ast.IfExp):
        yield from [*keys(value.body, tree, names), *keys(value.orelse, tree, names)]
    elif isinstance(value, ast.BinOp):
        yield from [*keys(value.left, tree, names), *keys(value.right, tree, names)]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        yield from returned(names[value.func.id])
    elif (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Name)
    ):
        yield from returned(getattr(names[value.func.value.id], value.func.attr))
    elif isinstance(value, ast.Name):
        yield from assigned(value.id, tree, names)
    else:
        pytest.fail(f"teach this test to follow {ast.unparse(value)}")


def assigned(name: str, tree: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of the mapping that is given to a local variable."""
    for each in ast.walk(tree):
        targets = (
            each.targets if isinstance(each, ast.Assign) else [each.target] if isinstance(each, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None
            yield from keys(each.value, tree, names)
