"""What somebody of the team sees under a consent that leaves something out: what is listed, and nothing else."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from uuid import UUID

import pytest

from engine.casework.consent_cover import KINDS
from engine.queries.case_file import CaseFile
from engine.queries.case_meetings import Invited, Meeting
from engine.queries.consent_limits import FILE, PARTS, trimmed

ME = UUID(int=1)
APART = {
    "case_id", "reference", "pathway", "pathway_words", "opened_on", "closed_on", "closure_reason", "closed_because",
    "version", "meeting_term", "child", "lead", "handover", "vacancy_since", "people", "left_out",
    "may_report_stalled", "may_appoint_interim", "startable", "links", "pause", "may_correct_dates",
    "may_keep_family", "leading_plan", "awaited", "may_put_right", "may_see_readers", "may_write", "restricted",
    "files",
}  # fmt: skip
"""Fields of a case file that say who and when, not what was shared; and files, which `read` leaves out itself."""


def test_somebody_has_said_of_every_part_what_kind_it_is() -> None:
    assert {each.name for each in fields(CaseFile)} - APART - FILE.keys() == set()
    for kind, parts in PARTS.items():
        assert {each.name for each in fields(kind)} == parts.keys()


@pytest.mark.parametrize("kept", sorted(KINDS))
def test_a_part_that_nobody_has_listed_is_kept_back(kept: str) -> None:
    found = {"plan": (), "new_words": "A secret", "new_rows": ("A secret",), "new_number": 3, "tasks": ("mine",)}
    seen = trimmed(found, frozenset({kept}), ME)
    assert seen == {
        "left_out": (KINDS[kept],), "plan": (), "new_words": "", "new_rows": (), "new_number": None,
        "tasks": ("mine",),
    }  # fmt: skip
    assert trimmed(found, frozenset(), ME) == {**found, "left_out": ()}


def test_when_a_meeting_is_and_who_comes_is_known_to_everybody_of_the_team() -> None:
    on = date(2026, 3, 2)
    meeting = Meeting(
        planned_on=on, held_on=on, called_off_on=None, venue="School", place_secret="",
        agenda="Mornings", notes="Sam spoke",
        starts_at="16:00", invited=(Invited("Noor Bakar", "attending", "A report", "", True),), family=(),
        came_with="Gran", next_on=None, ends_with="go_on", no_actions_why="", agreed=("Meet Sam",),
        checklists={"before": ({"said": "x", "done": True},)}, booked_anew=False, missed=False,
    )  # fmt: skip
    (seen,) = trimmed({"plan": (), "meetings": (meeting,)}, frozenset({"notes"}), ME)["meetings"]
    assert (seen.planned_on, seen.venue, seen.starts_at) == (on, "School", "16:00")
    assert seen.invited == (Invited("Noor Bakar", "attending", "", "", True),)
    assert (seen.notes, seen.agenda, seen.came_with, seen.ends_with, seen.agreed, seen.checklists) == (
        "", "", "", "", (), {},
    )  # fmt: skip
    (seen,) = trimmed({"plan": (), "meetings": (meeting,)}, frozenset({"plan"}), ME)["meetings"]
    assert (seen.notes, seen.agreed) == ("Sam spoke", ())
