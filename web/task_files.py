"""Files that are sent with a task's form: kept with the case and the task, and chosen in the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from engine.errors import Conflict, Invalid
from engine.forms import Field, level
from engine.queries.task_page import TaskPage
from web import said
from web.attachments import keep as keep_file
from web.said import Path


def keep(task: TaskPage, typed: dict[str, Any]) -> dict[str, str]:
    """Keep the files sent, add each to its answer among `typed`, and return what is wrong with others, by path.

    The same page sent again keeps a file once.
    """
    wrong: dict[str, str] = {}
    for path in _fields(task.form.fields if task.form else (), ()):
        name = "-".join(path)
        for chosen in request.files.getlist(f"{name}--file"):
            if not chosen.filename:
                continue
            try:
                kept = keep_file(task.case_id, chosen, task_id=task.task_id, request_key=_key(name, chosen))
            except (Invalid, Conflict) as refused:
                wrong[".".join(path)] = f"{chosen.filename}: {refused.message}"
                continue
            had = said.at(typed, path)
            ids = [str(each) for each in had] if isinstance(had, list) else []
            said.put(typed, path, [*ids, *([] if str(kept) in ids else [str(kept)])])
    return wrong


def _key(name: str, chosen: FileStorage) -> str | None:
    """Return what tells the same file on the same page sent again."""
    page = request.form.get("request_key", "")
    content = hashlib.sha256(chosen.read()).hexdigest()[:16]
    chosen.seek(0)
    return f"{page}-{name}-{content}" if page else None


def _fields(fields: Sequence[Field], at: Path) -> Iterator[Path]:
    """Give the paths of the questions that files can be added to; those in repeated rows take none."""
    for each in level(fields):
        if each.attributes.get("upload"):
            yield (*at, each.key)
        elif each.kind == "group":
            yield from _fields(each.children, (*at, each.key))
