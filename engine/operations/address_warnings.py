"""A warning that a text may tell what its reader is not to know, overruled by who looked at it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from engine.errors import Conflict, Invalid
from engine.store.letter_warnings import Overruled, Warned
from engine.work import Work

LONGEST: Final = 1_000


def keep_overruled(work: Work, subject: UUID, found: Warned | None, before: Overruled | None, why: str) -> None:
    """Keep in the history why `found` does not hold; nothing when it was kept `before`.

    Raises `Conflict` where nothing is found, `Invalid` naming `why` for what is there for certain and for a reason that
    is missing or too long.
    """
    if found is None:
        raise Conflict("Nothing here tells what its reader is not to know: there is no warning to overrule")
    if found.sure:
        raise Invalid(found.said, field="why")
    if not why.strip():
        needed = "Say why they may read it" if found.of_child else "Say what place it is, and how you know"
        raise Invalid(needed, field="why")
    if len(why) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="why")
    if before is None:
        detail, said = {"mark": found.mark}, {"why": why.strip()}
        work.record("address_warning_overruled", subject=subject, detail=detail, payload=said)
