"""Rules for the code that a linter does not know: one commit place, one clock, no code from text, small pieces."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 45
LONGEST_MODULE = 400
COMMIT_PLACE = "engine/store/session.py"
CLOCK = "engine/clock.py"
GUARD = "engine/guard.py"
ANYTHING = {"Exception", "BaseException"}
CALENDARS = {"datetime", "date"}
SQL_CLOCKS = {"now", "current_timestamp", "current_date", "localtimestamp", "sysdate"}
WALL_CLOCKS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"}
TEXT_TO_CODE = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
SQL_FUNCTIONS = {"text", "exec_driver_sql", "literal_column"}

Rule = Callable[[ast.AST], bool]


def _modules() -> list[Path]:
    found = [path for folder in ("engine", "web") for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts)


def _read_by_people() -> list[Path]:
    """Return the modules that people change: a migration is written out once and never touched again."""
    return [path for path in _modules() if "migrations/versions" not in path.as_posix()]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _dotted(node: ast.AST) -> str:
    """Return `a.b.c` for such an expression, the last name for one that starts otherwise."""
    if isinstance(node, ast.Attribute):
        start = _dotted(node.value)
        return f"{start}.{node.attr}" if start else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def broken(source: str, rule: Rule) -> list[int]:
    """Return the lines of `source` on which `rule` finds something."""
    return sorted(node.lineno for node in ast.walk(ast.parse(source)) if rule(node))  # type: ignore[attr-defined]


def commits(node: ast.AST) -> bool:
    """Find `anything.commit(...)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"


def asks_the_time(node: ast.AST) -> bool:
    """Find a reading of the machine's or the database's clock, called or handed on."""
    if not isinstance(node, ast.Attribute):
        return False
    owner = _dotted(node.value).rpartition(".")[2]
    machine = owner in CALENDARS and node.attr in {"now", "utcnow", "today"}
    return machine or _dotted(node) in WALL_CLOCKS or (owner == "func" and node.attr in SQL_CLOCKS)


def turns_text_into_code(node: ast.AST) -> bool:
    """Find `eval`, `exec`, `compile` and modules that run code while they read data."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in TEXT_TO_CODE
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in UNSAFE_MODULES for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in UNSAFE_MODULES


def builds_sql(node: ast.AST) -> bool:
    """Find SQL put together from pieces where it is handed over; SQLite's PRAGMA takes no bound parameters."""
    if not (isinstance(node, ast.Call) and node.args):
        return False
    function = _dotted(node.func).rpartition(".")[2]
    if function not in SQL_FUNCTIONS or _starts_with_pragma(node.args[0]):
        return False
    return isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.Call)


def _starts_with_pragma(node: ast.AST) -> bool:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("PRAGMA ")


def catches_anything(node: ast.AST) -> bool:
    """Find `except:`, `except Exception`, also among others, and `suppress(Exception)`, unless it only passes it on."""
    if isinstance(node, ast.Call) and _dotted(node.func).rpartition(".")[2] == "suppress":
        return any(_dotted(each) in ANYTHING for each in node.args)
    if not isinstance(node, ast.ExceptHandler):
        return False
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    broad = any(each is None or _dotted(each).rpartition(".")[2] in ANYTHING for each in named)
    last = node.body[-1]
    return broad and not (isinstance(last, ast.Raise) and last.exc is None)


def too_long(node: ast.AST) -> bool:
    """Find functions longer than anyone can see at once; the docstring does not count."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.end_lineno is None:
        return False
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return node.end_lineno - node.lineno + 1 - docstring > LONGEST_FUNCTION


def _broken_in(modules: list[Path], rule: Rule) -> dict[str, list[int]]:
    """Return the broken lines of each module that has some."""
    lines = {_name(path): broken(path.read_text(encoding="utf-8"), rule) for path in modules}
    return {name: found for name, found in lines.items() if found}


def test_only_the_session_commits() -> None:
    assert set(_broken_in(_modules(), commits)) == {COMMIT_PLACE}


def test_only_the_clock_asks_the_time() -> None:
    assert set(_broken_in(_modules(), asks_the_time)) == {CLOCK}


def test_only_the_guard_catches_every_error() -> None:
    assert set(_broken_in(_modules(), catches_anything)) == {GUARD}, "use `attempt` of engine.guard"


def test_no_text_becomes_code() -> None:
    assert not _broken_in(_modules(), turns_text_into_code)


def test_no_sql_is_put_together_from_text() -> None:
    assert not _broken_in(_modules(), builds_sql), "bind parameters instead"


def test_functions_stay_small() -> None:
    assert not _broken_in(_read_by_people(), too_long), f"at most {LONGEST_FUNCTION} lines without the docstring"


def test_modules_stay_small() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in _read_by_people()}
    long = {name: length for name, length in lengths.items() if length > LONGEST_MODULE}
    assert not long, f"at most {LONGEST_MODULE} lines: split by noun"


def test_every_folder_of_code_is_a_package() -> None:
    not_packaged = {"assets", "versions"}
    folders = {path.parent for path in _modules() if not not_packaged & set(path.parts)}
    bare = sorted(_name(folder) for folder in folders if not (folder / "__init__.py").is_file())
    assert not bare, "these would be missing from the wheel"


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (commits, "connection.commit()"),
        (asks_the_time, "datetime.now(UTC)"),
        (asks_the_time, "datetime.datetime.utcnow()"),
        (asks_the_time, "default=date.today"),
        (asks_the_time, "sa.func.now()"),
        (asks_the_time, "time.time()"),
        (catches_anything, "try:\n    go()\nexcept Exception as error:\n    log(error)"),
        (catches_anything, "try:\n    go()\nexcept:\n    pass"),
        (catches_anything, "try:\n    go()\nexcept (KeyError, builtins.BaseException):\n    pass"),
        (catches_anything, "with contextlib.suppress(KeyError, Exception):\n    go()"),
        (turns_text_into_code, "eval(words)"),
        (turns_text_into_code, "import pickle"),
        (turns_text_into_code, "from marshal import loads"),
        (builds_sql, "sa.text(f'SELECT {column}')"),
        (builds_sql, "text('SELECT ' + column)"),
        (builds_sql, "connection.exec_driver_sql('SELECT {}'.format(column))"),
        (too_long, "def long():\n" + "    pass\n" * LONGEST_FUNCTION),
    ],
)
def test_each_rule_finds_what_it_is_for(rule: Rule, source: str) -> None:
    assert broken(source, rule)


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (asks_the_time, "process_engine.clock.now()"),
        (asks_the_time, "time.monotonic()"),
        (catches_anything, "try:\n    go()\nexcept (KeyError, Conflict):\n    pass"),
        (catches_anything, "try:\n    go()\nexcept BaseException:\n    tidy()\n    raise"),
        (turns_text_into_code, "re.compile('a')"),
        (builds_sql, "sa.text('SELECT 1')"),
        (builds_sql, "connection.exec_driver_sql(f'PRAGMA {name}')"),
        (too_long, "def short():\n" + "    pass\n" * (LONGEST_FUNCTION - 1)),
    ],
)
def test_each_rule_leaves_the_rest_alone(rule: Rule, source: str) -> None:
    assert not broken(source, rule)
