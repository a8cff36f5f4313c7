"""Whether a text is what its file's name says, so that it can be drawn, checked and kept at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from lxml import etree

from engine.bpmn.lint.model import BPMN, local
from engine.bpmn.lint.paths import require_size
from engine.checking.files import KINDS, kind_of
from engine.dmn.source import NAMESPACES, OLDER
from engine.errors import Invalid, shown
from engine.scenario_files import SUFFIX
from engine.strict_yaml import read_yaml
from engine.xml import in_utf8, parse_untrusted

DEEPEST: Final = 50
"""How many lists and objects of a form may stand inside each other; its reader and its editor take far fewer."""
_DMN: Final = frozenset(f"{{{each}}}definitions" for each in (*NAMESPACES, *OLDER))


def require_legible(file: str, content: bytes) -> None:
    """Raise `Invalid` for a text that is not of the kind that `file` is named for, or past its limits.

    XML may be in any encoding that it declares, all else is UTF-8. What else is wrong with it is for
    `engine.checking.check` to say.
    """
    _READERS[kind_of(file)](file, content)


def is_legible(file: str, content: bytes) -> bool:
    """Tell whether `require_legible` would let a text pass."""
    try:
        require_legible(file, content)
    except Invalid:
        return False
    return True


def _diagram(file: str, content: bytes) -> None:
    root = _read(file, content)
    if root.tag != f"{BPMN}definitions":
        raise Invalid(f"{file}: this is no BPMN diagram: it holds <{shown(local(str(root.tag)))}>", file=file)
    require_size(root, file)


def _rules(file: str, content: bytes) -> None:
    root = _read(file, content)
    if root.tag not in _DMN:
        raise Invalid(f"{file}: these are no DMN rules: it holds <{shown(local(str(root.tag)))}>", file=file)


def _read(file: str, content: bytes) -> etree._Element:
    text = in_utf8(content)
    try:
        text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(file) from error
    return parse_untrusted(text, file)


def _form(file: str, content: bytes) -> None:
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_utf8(file) from error
    except RecursionError as error:
        raise _too_deep(file) from error
    except ValueError as error:
        raise Invalid(f"{file}: this is no form: it cannot be read as JSON: {error}", file=file) from error
    if not isinstance(found, dict) or not isinstance(found.get("components"), list):
        raise Invalid(f"{file}: this is no form: it has no list of components", file=file)
    level: list[Any] = [found]
    for _depth in range(DEEPEST):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [one for each in inside for one in each if isinstance(one, dict | list)]
    if level:
        raise _too_deep(file)


def _yaml(file: str, content: bytes) -> None:
    if not isinstance(read_yaml(content, name=file), dict):
        raise Invalid(f"{file}: this is no list of fields and what they hold", file=file)


def _not_utf8(file: str) -> Invalid:
    return Invalid(f"{file}: this is not text in UTF-8; save it again as UTF-8", file=file)


def _too_deep(file: str) -> Invalid:
    return Invalid(f"{file}: this is no form: it is nested more than {DEEPEST} deep", file=file)


_READERS: Final[Mapping[str, Callable[[str, bytes], None]]] = {
    KINDS[".bpmn"]: _diagram, KINDS[".dmn"]: _rules, KINDS[".form"]: _form, KINDS[".tests.yaml"]: _yaml,
    KINDS[SUFFIX]: _yaml,
}  # fmt: skip
