"""What a message about a case says of the case itself: its reference, and the way to its page or whom to ask. Pure.

It names no child. A message waits in the outbox with `MARK`, in whose place the words come as it leaves: by then it is
known who may open the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MARK: Final = "[the way to the case]"
_NO_DETAILS: Final = "This message holds no details on purpose."


def way(reference: str, *, opens: bool, page: str = "", answers: str = "") -> str:
    """Return what stands below a message about a case.

    `opens` tells whether who reads it may open the case, at the address `page`, empty where the authority has none.
    `answers` is who leads or assesses the case, for anybody else to ask; empty where it is nobody, or not to be said.
    """
    if opens:
        how = f"Sign in and open the case: {page}\n" if page else "Sign in to open the case. "
        return f"Our reference is {reference}. {how}{_NO_DETAILS}"
    whom = f"{answers}, who answers for it" if answers else "a coordinator"
    return f"Our reference is {reference}. You cannot open the case itself. If you have a question, ask {whom}."


def told(body: str, way: str) -> str:
    """Return a queued message as it leaves."""
    return body.replace(MARK, way)


def named(names: Sequence[str]) -> str:
    """Return the names of practitioners as a sentence says them."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
