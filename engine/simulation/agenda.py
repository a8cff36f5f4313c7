"""What is going to happen, in order of time; an entry that was moved is passed over where it stood before."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

Key = tuple[str, UUID] | int


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing to come. `number` keeps entries of one instant in the order in which they were made.

    `subject` is what it is about: a task, an action, or None. `not_before` is the day before which nobody can hurry it.
    """

    at: datetime
    number: int
    kind: str = field(compare=False)
    subject: UUID | None = field(compare=False, default=None)
    case_id: UUID | None = field(compare=False, default=None)
    not_before: date | None = field(compare=False, default=None)

    @property
    def key(self) -> Key:
        """What makes an entry the same as another: its kind and subject; one without a subject is its own."""
        return self.number if self.subject is None else (self.kind, self.subject)


@dataclass(slots=True)
class Agenda:
    """Entries by time. Of one kind and subject only the entry made last counts."""

    _heap: list[Entry] = field(default_factory=list)
    _latest: dict[Key, Entry] = field(default_factory=dict)
    _of_case: dict[UUID, dict[Key, Entry]] = field(default_factory=dict)
    _made: int = 0

    def put(
        self,
        at: datetime,
        kind: str,
        subject: UUID | None = None,
        *,
        case_id: UUID | None = None,
        not_before: date | None = None,
    ) -> None:
        """Enter what happens at the instant `at` (aware UTC); an earlier entry of this kind and subject is void."""
        self._made += 1
        entry = Entry(at, self._made, kind, subject, case_id, not_before)
        heapq.heappush(self._heap, entry)
        self._latest[entry.key] = entry
        if case_id is not None:
            self._of_case.setdefault(case_id, {})[entry.key] = entry

    def until(self, end: datetime) -> Iterator[Entry]:
        """Take out and give what happens up to `end`, what is entered meanwhile included."""
        while self._heap and self._heap[0].at <= end:
            entry = heapq.heappop(self._heap)
            if self._latest.get(entry.key) is entry:
                self._forget(entry)
                yield entry

    def of_case(self, case_id: UUID) -> list[Entry]:
        """Return what is still to come on a case, in the order in which it was entered."""
        return sorted(self._of_case.get(case_id, {}).values(), key=lambda entry: entry.number)

    def _forget(self, entry: Entry) -> None:
        del self._latest[entry.key]
        if entry.case_id is not None:
            entries = self._of_case[entry.case_id]
            del entries[entry.key]
            if not entries:
                del self._of_case[entry.case_id]
