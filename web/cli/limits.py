"""The time limits that rule files on the command line are read with: those beside them, else the shipped ones."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from engine.explaining import LIMIT

LIMITS: Final = "timescales"
_HOLDS_LIMITS: Final = b'id="timescales"'


def limits_beside(paths: Sequence[str]) -> dict[str, bytes]:
    """Return the file of time limits that lies beside one of the rule files named, by its name; empty without any."""
    beside = (Path(text).with_name(f"{LIMITS}.dmn") for text in paths if text.endswith(".dmn"))
    found = next((path for path in beside if path.is_file()), None)
    return {} if found is None else {found.name: found.read_bytes()}


def shipped_limits(command: str, rules: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the time limits that come with the program for rules that ask for limits and lie without any, and say so.

    Empty where none is asked for, or one of the `rules` (name -> content) holds them itself.
    """
    texts = rules.values()
    if not any(LIMIT.encode() in text for text in texts) or any(_HOLDS_LIMITS in text for text in texts):
        return {}
    name = f"{LIMITS}.dmn"
    print(f"{command}: {name} does not lie beside the rules, so the shipped time limits are used", file=sys.stderr)
    return {name: resources.files("rules").joinpath(name).read_bytes()}
