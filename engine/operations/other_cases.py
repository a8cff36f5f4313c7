"""Word for cases of a family, each given in an act of its own after this one; who caused it is not told on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.bpmn import tag_variables
from engine.store import case_messages
from engine.work import Work


def tell(work: Work, name: str, told: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Queue the message `name` for cases: case -> the variables that go with it."""
    rows = [
        {
            "id": work.engine.ids.new(),
            "authority_id": work.authority.id,
            "case_id": case_id,
            "name": name,
            "starts": False,
            # Who did something to one child's record is nobody's to read on the other's.
            "queued_by": None,
            "variables": tag_variables(variables),
        }
        for case_id, variables in told.items()
    ]
    case_messages.queue(work.connection, rows, at=work.at)
