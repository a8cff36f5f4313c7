"""Files that are sent with a task's form: kept with the case and the task, and chosen in the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.datastructures import FileStorage

from engine.errors import Conflict, Invalid
from engine.forms import Field, Form, level
from web.attachments import keep as keep_file
from web.said import Path


def keep(form: Form, case_id: UUID, typed: dict[str, Any], *, task_id: UUID | None = None) -> dict[str, str]:
    """Keep the files sent, add each to its answer among `typed`, and return what is wrong with others, by path.

    They are kept with the case, and with its task `task_id`. The same page sent again keeps a file once.
    """
    wrong: dict[str, str] = {}
    for path, answers in _fields(form.fields, typed, ()):
        name, key = "-".join(path), path[-1]
        for chosen in request.files.getlist(f"{name}--file"):
            if not chosen.filename:
                continue
            try:
                kept = keep_file(case_id, chosen, task_id=task_id, request_key=_key(name, chosen))
            except (Invalid, Conflict) as refused:
                wrong[_said(path)] = f"{chosen.filename}: {refused.message}"
                continue
            had = answers.get(key)
            ids = [str(each) for each in had] if isinstance(had, list) else []
            answers[key] = [*ids, *([] if str(kept) in ids else [str(kept)])]
    return wrong


def _said(path: Path) -> str:
    """Return a path as the errors of a form name it: `letters[0].file`."""
    return "".join(f"[{each}]" if each.isdecimal() else f".{each}" for each in path).removeprefix(".")


def _key(name: str, chosen: FileStorage) -> str | None:
    """Return what tells the same file on the same page sent again."""
    page = request.form.get("request_key", "")
    content = hashlib.sha256(chosen.read()).hexdigest()[:16]
    chosen.seek(0)
    return f"{page}-{name}-{content}" if page else None


def _fields(
    fields: Sequence[Field], typed: dict[str, Any], at: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the path of each question that files can be added to, with the answers among which its own stands."""
    for each in level(fields):
        here = (*at, each.key)
        if each.attributes.get("upload"):
            yield here, typed
        elif each.kind == "group":
            yield from _fields(each.children, typed.setdefault(each.key, {}), here)
        elif each.kind == "dynamiclist":
            for number, row in enumerate(typed.get(each.key) or ()):
                yield from _fields(each.children, row, (*here, str(number)))
