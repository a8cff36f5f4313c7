"""The errors a caller can meet. Web maps each family to one status: 404, 403, 409, 422, 503.

Every error carries a sentence for the person (`str(error)`) and, in `details`, the ids and names a
program needs. Library errors never leave their adapter: they are translated to one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

LONGEST_SHOWN: Final = 60
"""How many characters of what somebody entered a message repeats, so that it stays a sentence."""


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details


class NotFound(EngineError):
    """The thing named does not exist, or the asker must not learn that it does."""


class NotPermitted(EngineError):
    """The person may not do or see this."""


class PurposeNeeded(NotPermitted):
    """The person may read the record when they have said what for; details: `case_id`."""


class Conflict(EngineError):
    """Somebody or something else changed the record first."""


class KeyUsed(Conflict):
    """The key of a request was used before, for something else than what is asked now."""


class ChildKnown(Conflict):
    """The child has an open case already, which the asker is to know of before they start another."""


class Invalid(EngineError):
    """What was given cannot be accepted; the message names the field, element or file and what to do."""


class Unavailable(EngineError):
    """The database cannot do its work now; what was being done was not kept, and may be tried again."""


class SeveralFaults(Invalid):
    """A file has several faults: `faults` are all of them; its own words and details are those of the first."""

    def __init__(self, faults: Sequence[Invalid]) -> None:
        super().__init__(faults[0].message, **faults[0].details)
        self.faults = tuple(faults)


class BudgetExceeded(Invalid):
    """An expression, a step or a file went past its fixed limit and was stopped."""


def shown(entered: object) -> str:
    """Return what somebody entered as a message may repeat it: whole, or its beginning and three dots."""
    text = str(entered)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def refuse_for(faults: Sequence[Invalid]) -> None:
    """Raise for the faults found in a file: one as it is, several as `SeveralFaults`, none not at all."""
    if len(faults) > 1:
        raise SeveralFaults(faults)
    for fault in faults:
        raise fault


def faults_of(error: Invalid) -> tuple[Invalid, ...]:
    """Return every fault that `error` stands for, in the file's order."""
    return error.faults if isinstance(error, SeveralFaults) else (error,)


def in_words(error: Exception) -> str:
    """Say an error of ours as it is; of another name only the kind, as its text could hold anything."""
    return str(error) if isinstance(error, EngineError) else f"A defect of the service: {type(error).__name__}"
