"""What the escalation rules said of one case, and how that differs from what is already known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

DECISION: Final = "escalation"
"""The decision that judges plans."""
LEVELS: Final = ("safeguarding", "harm_check", "mag", "line_manager", "replan", "remind")
"""From the most to the least serious."""
ADDRESSEES: Final = (
    "lead_professional", "assessor", "action_owner", "owners_manager", "agency_manager", "line_manager", "coordinator",
    "plan_coordinator",
)  # fmt: skip
"""Who may be told, by the words that `engine.reminders.addressees` reads."""
_NOT_THERE: Final = {
    "level": "there is no level '{}'",
    "addressee": "nobody is called '{}'",
    "process": "there is no process '{}'",
}
_TEXTS: Final = ("reason", "sentence", "level", "addressee", "process")
WAIT: Final = "wait"
"""The `action` of a row that is recorded and shown now, and told and acted on once it says anything else."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One matched row: why (a stable word), in a sentence, how serious, whom to tell, what to start, what it is called.

    While it `waits`, as the case is paused, nobody is told and nothing starts.
    """

    reason: str
    sentence: str
    level: str
    addressee: str
    process: str | None
    row: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every reason that holds, by its word; `unsure` says in words what could not be judged."""

    reasons: Mapping[str, Reason]
    unsure: str = ""

    def differs_from(self, open_reasons: Iterable[str]) -> bool:
        """Tell whether something is to be done: a reason is new, has ended, or nothing could be told."""
        return bool(self.unsure) or set(open_reasons) != self.reasons.keys()

    def processes(self, due: Sequence[Reason]) -> list[str]:
        """Return the processes that reasons ask to start now, the most serious first, each once.

        For each addressee only those of the highest level that holds are acted on; the others are kept and shown, and
        are acted on once nothing louder holds (see `passed_over`).
        """
        ordered = sorted((reason for reason in due if self._is_acted_on(reason)), key=_reason_seriousness)
        return list(dict.fromkeys(reason.process for reason in ordered if reason.process))

    def passed_over(self, dealt_with: Collection[str]) -> list[Reason]:
        """Return the reasons to act on of which no process has dealt with one, as something louder held until now.

        `dealt_with` are the words of those that one has.
        """
        asking = [reason for reason in self.reasons.values() if reason.process and not reason.waits]
        return [reason for reason in asking if reason.reason not in dealt_with and self._is_acted_on(reason)]

    def _is_acted_on(self, reason: Reason) -> bool:
        """Tell whether nothing that holds, and does not wait, is said louder to the same addressee."""
        others = (each for each in self.reasons.values() if each.addressee == reason.addressee and not each.waits)
        return all(_reason_seriousness(reason) <= _reason_seriousness(each) for each in others)

    def loudest(self, new: Sequence[Reason]) -> list[Reason]:
        """Return, of the new reasons, the most serious for each addressee: nobody is told twice at once."""
        told: dict[str, Reason] = {}
        for reason in sorted(new, key=_reason_seriousness):
            told.setdefault(reason.addressee, reason)
        return list(told.values())


def judge(rows: Any, labels: Sequence[str], warnings: Sequence[str]) -> Judgement:
    """Read the value of the escalation decision: a list of contexts, one for each matched row.

    `labels` are what the table calls the matched rows, in the same order; `warnings` what the rules could not work out.
    A row without a reason or an addressee, or with anything but texts, makes the judgement unsure rather than being
    passed over.
    """
    said = list(warnings)
    reasons: dict[str, Reason] = {}
    for row, label in zip(rows if isinstance(rows, list) else [], labels, strict=False):
        if not isinstance(row, Mapping) or not row.get("reason") or not row.get("addressee"):
            said.append(f"row {label} gives no reason or addressee")
            continue
        wrong = [name for name in _TEXTS if not isinstance(row.get(name) or "", str)]
        if wrong:
            said.append(f"row {label} gives no text as {' and '.join(wrong)}")
            continue
        reason = Reason(
            reason=row["reason"],
            sentence=row.get("sentence") or row["reason"],
            level=row.get("level") or "remind",
            addressee=row["addressee"],
            process=row.get("process") or None,
            row=label,
            waits=row.get("action") == WAIT,
        )
        reasons.setdefault(reason.reason, reason)
    if not isinstance(rows, list):
        said.append("the escalation decision gave no list of rows")
    return Judgement(reasons, "; ".join(dict.fromkeys(said)))


def wrong_cells(
    rows: Iterable[tuple[int, Mapping[str, Any]]], processes: Collection[str] | None
) -> Iterator[tuple[int, str, str, str]]:
    """Find what the constant outputs of an escalation table name that does not exist.

    `rows` are (number, the row's constant outputs by column as plain values), `processes` the keys of the processes
    there are, None when that is not known. Gives (row, column, what is wrong, what to do).
    """
    known = {"level": LEVELS, "addressee": ADDRESSEES, "process": processes}
    for number, constants in rows:
        for column in (column for column in _TEXTS if column in constants):
            value, allowed = constants[column], known.get(column)
            if value in (None, "") and column in ("reason", "addressee"):
                yield number, column, "says nothing", "write one"
            elif value is not None and not isinstance(value, str):
                yield number, column, "is not a text", "write one text in quotes"
            elif value and allowed is not None and value not in allowed:
                advice = f"write one of: {', '.join(sorted(allowed))}" if allowed else "deploy it as well"
                yield number, column, _NOT_THERE[column].format(value), advice


def _reason_seriousness(reason: Reason) -> int:
    return LEVELS.index(reason.level) if reason.level in LEVELS else len(LEVELS)
