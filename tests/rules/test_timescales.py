"""Every limit has a default, authorities' own rows come first, and everything that asks is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from engine.dmn import DecisionModel
from engine.feel import Environment, to_plain

DEFAULTS = {
    "consent_days": 5, "assessment_remind_days": 10, "assessment_manager_days": 15, "lead_days": 5,
    "tac_date_days": 15, "first_tac_weeks": 6, "reply_days": 3, "minutes_days": 5, "plan_days": 5,
    "review_opens_days": 15, "invitations_days": 10, "review_manager_days": 10, "reviews_missed": 2,
    "no_progress_replan": 1, "no_progress_manager": 2, "reassess_months": 12, "consultation_months": 12,
    "consultation_reviews": 3, "action_remind_days": 5, "lead_away_days": 10, "lead_vacant_days": 10,
    "agency_meetings_missed": 2, "manager_discussion_days": 5, "manager_stage_days": 10, "mag_consent_days": 5,
    "mag_advice_days": 5, "mag_papers_days": 5, "mag_decision_days": 20, "mag_screening_days": 2,
    "mag_record_days": 2, "harm_check_days": 1,
    "harm_check_late_days": 2, "closing_days": 10, "silence_remind_days": 20, "silence_manager_days": 30,
    "search_days": 2, "nominee_days": 3, "lead_declined_days": 5, "handover_reply_days": 5, "interim_lead_days": 2,
    "meeting_rebook_days": 10, "updates_days": 5, "lead_vacant_mag_days": 20,
    "disagreement_practitioners_days": 2, "disagreement_managers_days": 5, "disagreement_officers_days": 2,
    "not_found_days": 10, "transfer_bundle_days": 5, "transfer_review_weeks": 4,
    "step_down_meeting_days": 10, "intake_days": 5, "merge_days": 10, "sign_off_days": 5, "away_wait_days": 2,
    "late_manager_days": 3, "start_days": 10, "step_down_days": 3, "request_days": 5,
    "lead_role_weeks": 26, "action_owner_days": 5, "handover_family_days": 5, "handover_manager_days": 10,
    "transfer_consent_days": 5, "missing_decision_days": 2,
}  # fmt: skip
PUBLISHED = [
    ("sefton", "assessment_remind_days", 10), ("sefton", "assessment_manager_days", 15),
    ("sefton", "reassess_months", 12), ("buckinghamshire", "tac_date_days", 15), ("lewisham", "first_tac_weeks", 6),
    ("trafford", "no_progress_replan", 1), ("shropshire", "consultation_months", 12),
    ("shropshire", "consultation_reviews", 3), ("lincolnshire", "manager_discussion_days", 5),
    ("nottinghamshire", "mag_papers_days", 5), ("walsall", "mag_decision_days", 20), ("sefton", "search_days", 2),
    ("lincolnshire", "disagreement_practitioners_days", 2),
    ("lincolnshire", "disagreement_managers_days", 5), ("lincolnshire", "disagreement_officers_days", 2),
    ("barnet", "intake_days", 5),
]  # fmt: skip
OF_FORMS = {"lead_role_weeks"}
"""Limits by which a form is filled in beforehand."""
Ask = Callable[[str, str | None], tuple[object, list[str]]]
RuleIds = Callable[[DecisionModel, str], set[str]]


@pytest.fixture
def ask(timescales: DecisionModel) -> Ask:
    def decide(limit: str, authority: str | None) -> tuple[object, list[str]]:
        result = timescales.evaluate("timescales", {"limit": limit, "authority": authority}, Environment())
        return to_plain(result.value), [row.rule for row in result.matched]

    return decide


@pytest.mark.parametrize(("limit", "amount"), DEFAULTS.items())
def test_default(ask: Ask, limit: str, amount: int) -> None:
    assert ask(limit, "northcombe") == (amount, [f"{limit}_default"])
    assert ask(limit, None) == (amount, [f"{limit}_default"])


@pytest.mark.parametrize(("authority", "limit", "amount"), PUBLISHED)
def test_an_authority_s_own_row_comes_first(ask: Ask, authority: str, limit: str, amount: int) -> None:
    assert ask(limit, authority) == (amount, [f"{limit}_{authority}"])


def test_an_unknown_limit_has_no_value(ask: Ask) -> None:
    assert ask("tea_break_days", "barnet") == (None, [])


def test_every_row_was_asked_for(timescales: DecisionModel, rule_ids: RuleIds) -> None:
    named = {f"{limit}_default" for limit in DEFAULTS} | {f"{limit}_{authority}" for authority, limit, _ in PUBLISHED}
    assert rule_ids(timescales, "timescales") == named


def test_every_limit_is_used_and_every_limit_used_is_there() -> None:
    used = {name for text in _texts() for name in re.findall(r'time limit\((?:"|&quot;)(\w+)(?:"|&quot;)\)', text)}
    assert used == set(DEFAULTS) - OF_FORMS


def test_reminders_come_before_managers_hear() -> None:
    for early, late in [
        ("assessment_remind_days", "assessment_manager_days"), ("no_progress_replan", "no_progress_manager"),
        ("harm_check_days", "harm_check_late_days"), ("silence_remind_days", "silence_manager_days"),
        ("invitations_days", "review_opens_days"), ("manager_discussion_days", "manager_stage_days"),
        ("lead_vacant_days", "lead_vacant_mag_days"), ("nominee_days", "lead_vacant_days"),
    ]:  # fmt: skip
        assert DEFAULTS[early] < DEFAULTS[late]


def _texts() -> Iterator[str]:
    folders: list[Traversable] = [files("processes"), files("rules")]
    for folder in folders:
        for entry in folder.iterdir():
            if entry.name.endswith((".bpmn", ".dmn")):
                yield entry.read_text(encoding="utf-8")
