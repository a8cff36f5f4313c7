"""The parts of what a lead professional hands over to a successor, in the order in which they are read. Pure."""

from __future__ import annotations

from typing import Final

SECTIONS: Final = {
    "note": "What to know first",
    "child": "The child and the family",
    "consent": "What the family agreed to share",
    "family": "What the family last said",
    "reports": "What the team reported between meetings",
    "plan": "The plan",
    "late": "What is late",
    "next": "What comes next",
    "concerns": "Safeguarding concerns",
}
"""Part -> its heading."""
KINDS: Final = {"plan": "plan", "late": "plan", "next": "plan", "family": "notes", "note": "notes", "reports": "notes"}
"""Part -> the kind of information in it, of `engine.casework.consent_cover.KINDS`; others hold none of these."""
LONGEST: Final = 10_000
"""Characters of one part."""
