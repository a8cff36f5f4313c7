"""What a coordinator reads a record for, on which they do not work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PURPOSES: Final[Mapping[str, str]] = {
    "audit": "To audit how the work is done",
    "allocation": "To find who should lead or help",
    "family": "The family, or somebody for them, asked or complained",
    "advice": "Somebody who works on it asked me for advice",
    "other": "Something else",
}
"""Key -> what it says; `other` needs words of its own."""
