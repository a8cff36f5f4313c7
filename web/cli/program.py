"""What to type to call this program again: `caf` where the shell finds it, else as it was called."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return the first word of a command line that works where this one was typed."""
    called = Path(sys.argv[0])
    if called.name != "caf" or shutil.which("caf"):
        return "caf"
    return sys.argv[0]
