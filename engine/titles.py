"""What a model is called: the name of its diagram, rules or form, without one the words of its file's name."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Final

from engine.errors import Invalid
from engine.xml import parse_untrusted

_BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_WHOLE: Final = {".tests.yaml": "Examples of ", ".scenario.yaml": "Scenario: "}


def title_of(file: str, content: bytes) -> str:
    """Return what a file is called. Never raises: of a file that cannot be read the name is all there is."""
    stem = PurePosixPath(file).name.lower()
    words = stem.partition(".")[0].replace("_", " ").strip()
    named = next((f"{said}{words}" for ending, said in _WHOLE.items() if stem.endswith(ending)), "")
    if named:
        return named
    try:
        own = _of_form(content) if stem.endswith(".form") else _of_xml(file, content)
    except (Invalid, ValueError, RecursionError):
        own = ""
    return " ".join(own.split())[:200] or words[:1].upper() + words[1:]


def _of_form(content: bytes) -> str:
    document = json.loads(content)
    properties = document.get("properties") if isinstance(document, dict) else None
    title = properties.get("title") if isinstance(properties, dict) else None
    given = (title, document.get("title"), document.get("name")) if isinstance(document, dict) else ()
    return next((each for each in given if isinstance(each, str)), "")


def _of_xml(file: str, content: bytes) -> str:
    root = parse_untrusted(content, file)
    processes = [each for each in root.iter(f"{_BPMN}process") if each.get("isExecutable") == "true"]
    return (processes[0].get("name") if processes else root.get("name")) or ""
