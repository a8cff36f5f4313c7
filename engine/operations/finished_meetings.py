"""What is left to do when a meeting is over: copies handed over, the checklist for afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.casework import checklists
from engine.operations.family_copies import latest_held
from engine.operations.family_letters import mark_given
from engine.operations.reading import rows, text
from engine.store.tables.meetings import tac_meetings
from engine.work import Work


def finish_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep which copies were handed over or posted, and what was ticked of the checklist for after the meeting."""
    mark_given(work, rows(answers, "copies"))
    meeting = latest_held(work)
    if meeting is None:
        return {}
    own = tac_meetings.c.id == meeting
    lists = work.connection.execute(sa.select(tac_meetings.c.checklists).where(own)).scalar()
    after = checklists.ticked(work.authority.profile, "after", answers.get("after") or ())
    work.connection.execute(sa.update(tac_meetings).where(own).values(checklists={**(lists or {}), "after": after}))
    done = sum(line["done"] for line in after)
    said = {"why": text(answers, "why")} if text(answers, "why") else None
    detail = {"done": done, "left": len(after) - done, "family_has_it": text(answers, "family_has_it")}
    work.record("tac_meeting_finished", subject=meeting, detail=detail, payload=said)
    return {}
