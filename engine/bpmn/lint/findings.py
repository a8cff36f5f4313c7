"""What the linter says, and what it is told about the rest of the deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from engine.errors import shown

_LAST_STEPS: Final = 5
Severity = Literal["error", "notice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a BPMN file that cannot run as drawn (`error`), or that a designer should know (`notice`).

    `path` holds the ids of the elements by which a case comes to it, where the way there says more than the place,
    `home` the file in force that holds the same thing under another name.
    """

    file: str
    element_id: str
    what: str
    advice: str
    severity: Severity = "error"
    path: tuple[str, ...] = ()
    home: str = ""

    def __str__(self) -> str:
        """Return one line: `file:element id: what, and what instead`, and the last steps of a way there."""
        after = f" (for example after {', '.join(map(shown, self.path[-_LAST_STEPS:]))})" if self.path else ""
        return " ".join(f"{self.file}:{shown(self.element_id)}: {self.what}; {self.advice}{after}".split())


def to_mend(findings: Sequence[Finding]) -> str:
    """Say how many things there are to mend, and what the first is."""
    things = "1 thing" if len(findings) == 1 else f"{len(findings):,} things"
    return f"{things} to mend first. {findings[0]}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names a BPMN file may refer to. `None` means not known here: references of that sort go unchecked.

    `operations` are what service tasks may name, `records` what user tasks may record, `groups` the candidate groups,
    `starters` who may start a process on a case, `processes` the process ids a call activity may call, `calls` which
    of them call which (to find cycles), `functions` the host functions that expressions may call, and `guidance` the
    places in guides that a process or a user task may name.
    """

    forms: frozenset[str] | None = None
    decisions: frozenset[str] | None = None
    operations: frozenset[str] | None = None
    records: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    starters: frozenset[str] | None = None
    guidance: frozenset[str] | None = None
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    functions: Mapping[str, Any] = field(default_factory=dict)
