"""Properties of a model as fields of a page: what may be chosen in each, and what a page that was sent back holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import request

from engine.outlines import Field
from engine.queries import model_picks
from web.current import actor, engine
from web.studio.model_texts import Text

WRITTEN: Final = "_written"
"""What stands behind a field's name where something else than its boxes can be typed."""
_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


def shown(text: Text, fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Return the fields as a form shows them, each with what may be chosen in it."""
    known = model_picks.picks(engine(), actor=actor(), file=text.file)
    return [{"field": field, "options": _options(field, known)} for field in fields]


def values(fields: Iterable[Field], errors: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what stands in the fields: what was typed, when it could not be taken, else what is.

    A field of boxes has a list of what is ticked, and what is written instead under its name with `WRITTEN`.
    """
    found: dict[str, Any] = {}
    for field in fields:
        found[field.key] = field.value
        if field.shape == "ticks":
            names = _names(field.value)
            found[field.key], found[field.key + WRITTEN] = (names, "") if names is not None else ([], field.value)
            if errors:
                found[field.key] = request.form.getlist(field.key)
    again = request.form.items() if errors else ()
    return {**found, **{name: each for name, each in again if not isinstance(found.get(name), list)}}


def typed(fields: Iterable[Field]) -> dict[str, str]:
    """Return what was sent, by field: the boxes that are ticked as one text, or what is written instead of them."""
    found = dict(request.form.items())
    for field in fields:
        if field.shape == "ticks" and (field.key in found or f"{field.key}{WRITTEN}" in found):
            written = found.pop(field.key + WRITTEN, "").strip()
            ticked = request.form.getlist(field.key)
            # What is ticked as it was stays as it was written.
            same = not written and sorted(ticked) == sorted(_names(field.value) or [])
            found[field.key] = field.value if same and _names(field.value) is not None else written or ",".join(ticked)
    return found


def _names(value: str) -> list[str] | None:
    """Return a value as the names that can be ticked, None for an expression."""
    names = [each.strip() for each in value.split(",") if each.strip()]
    return names if all(_PLAIN.fullmatch(each) for each in names) else None


def _options(field: Field, known: model_picks.Picks) -> list[dict[str, str]]:
    if field.names:
        chosen = getattr(known, field.names)
        pairs = ((each, each) if isinstance(each, str) else (each.value, each.words) for each in chosen)
        options = [*([] if field.shape == "ticks" else [("", "None")]), *pairs]
    else:
        options = list(field.options)
    present = (_names(field.value) or []) if field.shape == "ticks" else [field.value] if field.value else []
    options += [(each, f"{each} (not there)") for each in present if each not in dict(options)]
    return [{"value": value, "label": words} for value, words in options]
