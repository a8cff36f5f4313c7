"""Every limit has a default that something asks for, and reminders come before managers hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from tests.rules.conftest import examples_of

DEFAULTS = {
    each.inputs["limit"]: int(each.answer[0])
    for each in examples_of("timescales")
    if each.inputs["authority"] == "northcombe"
}
OF_FORMS = {"lead_role_weeks", "young_person_years"}
"""Limits by which a form is filled in beforehand."""


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
