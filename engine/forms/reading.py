"""Read a form-js schema file (schema version 19 or earlier) into a `Form`, or say what to change in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.errors import Invalid, refuse_for, shown
from engine.feel import HostFunction
from engine.forms.components import Reader
from engine.forms.model import NOTHING, Field, Form, level, walk
from engine.forms.schema import build_schema

MAX_BYTES = 500_000
MAX_COMPONENTS = 400
MAX_DEPTH = 6
NEWEST_SCHEMA = 19
# Inputs that every task page has beside the form's own.
PAGE_NAMES = frozenset({"act", "csrf_token", "expected_version", "request_key"})
_FORM_KEY = re.compile(r"[A-Za-z_][\w.-]{0,127}", re.ASCII)


def read_form(
    source: bytes,
    *,
    name: str,
    names: Collection[str] = (),
    functions: Mapping[str, HostFunction] = NOTHING,
    sources: Collection[str] | None = None,
) -> Form:
    """Return the form that the file `name` holds.

    `names` are variables with several words that expressions may use, `functions` the host functions they
    may call, `sources` the lists of the record that choices may come from (None: any). Raises `Invalid` (details:
    `file`, and `component` where there is one) naming the component and what to do instead, `SeveralFaults` when
    there is more than one thing to do.
    """
    document = _parse(source, name)
    key = document.get("id")
    if not isinstance(key, str) or not _FORM_KEY.fullmatch(key):
        raise Invalid(f"{name}: give the form an id of letters, digits, - and _ (up to 128)", file=name)
    _check_version(document.get("schemaVersion"), name)
    components = document.get("components")
    if not isinstance(components, list):
        raise Invalid(f"{name}: the form has no list of components", file=name)
    _check_size(components, name)
    reader = Reader(name, known=_keys(components) | set(names), functions=functions, sources=sources)
    fields = reader.fields(components)
    refuse_for([*reader.faults, *_doubled_keys(fields, name, ""), *_page_names(fields, name)])
    schema = build_schema(re.sub(r"\W", "_", key), fields)
    return Form(
        key=key, title=_title(document, key), fields=fields, hash=hashlib.sha256(source).hexdigest(),
        names_used=_names_used(fields), schema_class=schema, loader=schema(),
    )


def alone(form: Form, key: str) -> Form:
    """Return `form` with the question `key` of its first level only, to be judged or shown by itself.

    What its conditions read of the other answers has to be given as variables.
    """
    asked = tuple(each for each in level(form.fields) if each.key == key)
    schema = build_schema(f"{form.schema_class.__name__}_{key}", asked)
    return replace(form, fields=asked, schema_class=schema, loader=schema())


def _parse(source: bytes, name: str) -> dict[str, Any]:
    if len(source) > MAX_BYTES:
        raise Invalid(f"{name}: the file is larger than {MAX_BYTES // 1000} kB", file=name)
    try:
        document = json.loads(source.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "it is not UTF-8, or too deep"
        raise Invalid(f"{name}: this is not a form file: {reason}", file=name) from error
    if not isinstance(document, dict) or document.get("type", "default") != "default":
        raise Invalid(f"{name}: this is not a form-js form (its type must be “default”)", file=name)
    return document


def _check_version(version: Any, name: str) -> None:
    if version is None:
        return
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= NEWEST_SCHEMA:
        said = f"{name}: form schema version {shown(repr(version))} is not known"
        raise Invalid(f"{said}; save it with schema version {NEWEST_SCHEMA}", file=name)


def _check_size(components: Sequence[Any], name: str) -> None:
    count, rows, depth = 0, list(components), 0
    while rows:
        count, depth = count + len(rows), depth + 1
        if count > MAX_COMPONENTS:
            raise Invalid(f"{name}: the form has more than {MAX_COMPONENTS} components; split it", file=name)
        if depth > MAX_DEPTH:
            raise Invalid(f"{name}: components are nested more than {MAX_DEPTH} deep; flatten the groups", file=name)
        inner = [row.get("components") for row in rows if isinstance(row, dict)]
        rows = [each for children in inner if isinstance(children, list) for each in children]


def _keys(components: Sequence[Any]) -> set[str]:
    found: set[str] = set()
    for each in components:
        if isinstance(each, dict):
            found |= {each[part] for part in ("key", "path") if isinstance(each.get(part), str)}
            found |= _keys(each["components"]) if isinstance(each.get("components"), list) else set()
    return found


def _doubled_keys(fields: Sequence[Field], name: str, path: str) -> Iterator[Invalid]:
    seen: set[str] = set()
    for each in level(fields):
        if each.key in seen:
            yield Invalid(f"{name}: two components have the key “{path}{each.key}”; rename one",
                          file=name, component=each.id, key=each.key)
        seen.add(each.key)
        yield from _doubled_keys(each.children, name, f"{path}{each.key}.")


def _page_names(fields: Sequence[Field], name: str) -> Iterator[Invalid]:
    for each in level(fields):
        if each.key in PAGE_NAMES:
            yield Invalid(f"{name}:{each.key}: this key is the page's own; choose another",
                          file=name, component=each.id, key=each.key)


def _title(document: Mapping[str, Any], key: str) -> str:
    """Return the form's title: its own, or its key in words (form-js has no title of its own)."""
    properties = document.get("properties")
    title = properties.get("title") if isinstance(properties, dict) else None
    for own in (title, document.get("title"), document.get("name")):
        if isinstance(own, str) and own.strip():
            return own.strip()[:200]
    words = re.sub(r"[_.\-]+", " ", key).strip()
    return words[:1].upper() + words[1:]


def _names_used(fields: Sequence[Field]) -> frozenset[str]:
    names: set[str] = set()
    for each in walk(fields):
        limits = [limit.expression for limit in (each.rules.minimum, each.rules.maximum) if limit]
        parts = [part for part in each.content if not isinstance(part, str)]
        for expression in (each.hide, each.computes, each.options_expression, *limits, *parts):
            names |= expression.names_used if expression else frozenset()
    return frozenset(names - {"this", "parent", "i"})
