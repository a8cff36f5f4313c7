"""The facts of one case inside an act, read as they are asked for: a rule that asks three reads what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.facts import FACT_NAMES, RecordedFacts, derive
from engine.store.fact_rows import GROUPS
from engine.store.facts import Gathered

_NOTHING: Final = frozenset[str]()
_ROW = ("lead_professional", "assessor", "line_manager", "child", "authority", "pathway", "linked_plan", "open_months",
        "months_since_consultation", "plan_changed_on", "consulted_on", "closed", "opened_on", "lead_absent_since",
        "interim_until_on", "interim_first_until_on", "led_in_between", "paused", "paused_until")  # fmt: skip
_FROM_ONE: Final[Mapping[str, tuple[str, ...]]] = {
    "consents": ("consent", "mag_consent", "consent_has_end", "days_to_consent_end", "consent_lapsed_days"),
    "concerns": ("concern_open", "immediate_danger"),
    "assessments": ("assessment_started_on", "assessment_completed_on", "assessment_days", "reassessed_on",
                    "months_since_assessment"),
    "meetings": ("first_tac_on", "first_tac_held_on", "next_tac_on", "tac_date_fixed", "tac_held"),
    "invitations": ("agency_meetings_missed", "absent_agency"),
    "plans": ("plan_agreed_on", "plan_agreed", "outcomes_met"),
    "actions": ("open_actions", "overdue_actions", "oldest_action_overdue_days"),
    "reviews": ("next_review_on", "last_review_on", "review_date_set", "days_to_review", "reviews_held",
                "reviews_without_progress", "closing_agreed", "reviews_since_consultation", "plan_changed"),
    "discussions": ("manager_stage_since", "manager_stage_days"),
    "disagreements": ("disagreement_stage", "disagreement_since", "disagreement_days"),
    "searches": ("family_not_found",),
    "handovers": ("lead_declined", "lead_declined_since", "lead_declined_days"),
}  # fmt: skip
_CONTACT = ("actions", "meetings", "reviews", "consents", "assessments")
_FROM_SEVERAL: Final[Mapping[str, tuple[str, ...]]] = {
    "days_since_assessment": ("assessments", "meetings"),
    "weeks_since_assessment": ("assessments", "meetings"),
    "reviews_missed": ("reviews", "meetings"),
    "review_overdue_days": ("reviews", "meetings"),
    "review_unwritten_days": ("reviews", "meetings"),
    "review_met_on": ("reviews", "meetings"),
    "invitations_sent": ("meetings", "invitations", "reviews"),
    "actions_overdue_past_review": ("actions", "reviews"),
    "last_progress_on": _CONTACT,
    "days_silent": (*_CONTACT, "plans"),
    "lead_vacant_since": ("leads", "assessments", "consents"),
    "lead_vacant": ("leads", "assessments", "consents"),
    "days_without_lead": ("leads", "assessments", "consents"),
}
NEEDS: Final[Mapping[str, frozenset[str]]] = (
    dict.fromkeys(_ROW, _NOTHING)
    | {name: frozenset({group}) for group, names in _FROM_ONE.items() for name in names}
    | {name: frozenset(groups) for name, groups in _FROM_SEVERAL.items()}
)
"""The groups of rows that a fact comes from; a fact that is not named here comes from all of them."""
_ALL: Final = frozenset(GROUPS)


class CaseFacts(Mapping[str, Any]):
    """Every fact of `engine.casework.facts.FACTS` on a day, each read from the record when it is first asked for.

    All of them together describe one moment, as long as the record is not changed in between. What was `recorded` may
    be given, where it has been read already.
    """

    def __init__(
        self,
        connection: sa.Connection,
        case_id: UUID,
        *,
        today: date,
        calendar: WorkingCalendar,
        recorded: RecordedFacts | None = None,
    ) -> None:
        self._connection, self._case_id = connection, case_id
        self._today, self._calendar = today, calendar
        self._recorded = recorded
        self._found: Gathered | None = None
        self._derived: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a fact. Raises `KeyError` for a name that is none."""
        if name not in FACT_NAMES:
            raise KeyError(name)
        if self._read(NEEDS.get(name, _ALL)) or not self._derived:
            self._derived = derive(self._assembled(), today=self._today, calendar=self._calendar)
        return self._derived[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of all facts."""
        return iter(FACT_NAMES)

    def __len__(self) -> int:
        """Count all facts."""
        return len(FACT_NAMES)

    def recorded(self) -> RecordedFacts:
        """Return all that is recorded, before anything that depends on the day."""
        self._read(_ALL)
        return self._assembled()

    def people_away(self) -> bool:
        """Tell whether who leads, assesses or manages may be away: an absence of theirs is not over, or not known."""
        if self._recorded is not None:
            return True
        self._read(_NOTHING)
        return self._found is None or any(row.people_away for row in self._found.cases)

    def _read(self, groups: Set[str]) -> bool:
        """Read what is still missing of `groups`; False when nothing was."""
        if self._recorded is not None:
            return False
        if self._found is None:
            self._found = Gathered(self._connection, [self._case_id])
        missing = groups - self._found.loaded
        self._found.load(missing)
        return bool(missing)

    def _assembled(self) -> RecordedFacts:
        if self._recorded is not None:
            return self._recorded
        found = self._found or Gathered(self._connection, [self._case_id])
        (row,) = found.cases
        return found.assemble(row)
