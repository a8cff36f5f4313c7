"""Every limit has a default that something asks for, and reminders come before managers hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from engine.checking import check
from engine.limit_rows import limit_rows, with_amounts

RULES = {
    each.name: each.read_bytes() for each in files("rules").iterdir() if each.name.endswith((".dmn", ".tests.yaml"))
}
SOURCE = files("rules").joinpath("timescales.dmn").read_bytes()
ROWS = limit_rows(SOURCE, file="timescales.dmn", authority="northcombe")
DEFAULTS = {name: row.amount or 0 for name, row in ROWS.items()}
SHIPPED = {
    1: "no_progress_replan concern_answer_days harm_check_days",
    2: "search_days interim_lead_days away_wait_days reviews_missed no_progress_manager "
    "agency_meetings_missed disagreement_practitioners_days disagreement_officers_days mag_screening_days "
    "mag_record_days concern_answer_late_days harm_check_late_days missing_decision_days",
    3: "nominee_days reply_days consultation_reviews late_manager_days step_down_days",
    4: "transfer_review_weeks",
    5: "consent_days lead_days lead_declined_days handover_reply_days minutes_days plan_days updates_days "
    "action_remind_days disagreement_managers_days manager_discussion_days mag_consent_days "
    "mag_advice_days mag_papers_days transfer_bundle_days request_days intake_days sign_off_days "
    "handover_family_days action_owner_days transfer_consent_days",
    6: "first_tac_weeks",
    10: "consent_ends_days consent_lapsed_manager_days assessment_remind_days meeting_rebook_days "
    "invitations_days review_manager_days lead_away_days lead_vacant_days manager_stage_days "
    "not_found_days start_days step_down_meeting_days merge_days closing_days handover_manager_days",
    12: "young_person_years reassess_months consultation_months",
    15: "assessment_manager_days tac_date_days review_opens_days",
    20: "lead_vacant_mag_days mag_decision_days silence_remind_days",
    26: "lead_role_weeks",
    30: "silence_manager_days",
}  # fmt: skip
"""The limits of an authority without one of its own, by their number: examples do not say it, for it may be changed."""
PUBLISHED = {
    "sefton": "search_days assessment_remind_days assessment_manager_days reassess_months",
    "buckinghamshire": "tac_date_days", "lewisham": "first_tac_weeks", "trafford": "no_progress_replan",
    "shropshire": "consultation_months consultation_reviews", "walsall": "mag_decision_days", "barnet": "intake_days",
    "lincolnshire": "disagreement_practitioners_days disagreement_managers_days disagreement_officers_days "
    "manager_discussion_days", "nottinghamshire": "mag_papers_days",
}  # fmt: skip
"""The limits that authorities have published: each is what everybody begins with."""
OF_FORMS = {"lead_role_weeks", "young_person_years"}
"""Limits by which a form is filled in beforehand."""


def test_the_shipped_numbers() -> None:
    assert {name: amount for amount, names in SHIPPED.items() for name in names.split()} == DEFAULTS


@pytest.mark.parametrize("authority", PUBLISHED)
def test_a_published_limit_is_a_row_of_its_authority_with_the_number_that_all_begin_with(authority: str) -> None:
    rows = limit_rows(SOURCE, file="timescales.dmn", authority=authority)
    own = {name: row.amount for name, row in rows.items() if row.rule == f"{name}_{authority}"}
    assert own == {name: DEFAULTS[name] for name in PUBLISHED[authority].split()}


@pytest.mark.parametrize("limit", DEFAULTS)
def test_no_shipped_example_depends_on_the_number_of_a_limit(limit: str) -> None:
    """Who changes it on the limits page has nothing else to bring along, and nothing to explain."""
    rows = (limit_rows(SOURCE, file="timescales.dmn", authority=key)[limit] for key in ("northcombe", "barnet"))
    changed = with_amounts(SOURCE, {row.rule: DEFAULTS[limit] + 1 for row in rows}, file="timescales.dmn")
    checked = check({**RULES, "timescales.dmn": changed})
    assert [str(each) for each in checked.unkept] == []


def test_every_limit_is_used_and_every_limit_used_is_there() -> None:
    used = {name for text in _texts() for name in re.findall(r'time limit\((?:"|&quot;)(\w+)(?:"|&quot;)\)', text)}
    assert used == set(DEFAULTS) - OF_FORMS


def test_reminders_come_before_managers_hear() -> None:
    for early, late in [
        ("assessment_remind_days", "assessment_manager_days"), ("no_progress_replan", "no_progress_manager"),
        ("harm_check_days", "harm_check_late_days"), ("silence_remind_days", "silence_manager_days"),
        ("invitations_days", "review_opens_days"), ("manager_discussion_days", "manager_stage_days"),
        ("lead_vacant_days", "lead_vacant_mag_days"), ("nominee_days", "lead_vacant_days"),
        ("consent_days", "consent_lapsed_manager_days"), ("concern_answer_days", "concern_answer_late_days"),
    ]:  # fmt: skip
        assert DEFAULTS[early] < DEFAULTS[late]


def _texts() -> Iterator[str]:
    folders: list[Traversable] = [files("processes"), files("rules")]
    for folder in folders:
        for entry in folder.iterdir():
            if entry.name.endswith((".bpmn", ".dmn")):
                yield entry.read_text(encoding="utf-8")
