"""A case on which one operation after another may be done, each by a diagram of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.small_files import escalation, properties, service, timescales
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, build_world, model

QUIET = escalation(("< 0", "never", "remind", "assessor", ""))


@dataclass(slots=True)
class OneCase:
    """A case led by nobody yet, which Hana opened; Morgan is her line manager."""

    world: World
    id: UUID

    def answer(self, operation: str, by: str = "hana", start: Mapping[str, Any] | None = None, **answers: Any) -> Any:
        """Let a user task record `answers`; return the variables that the process has afterwards."""
        key = f"record_{operation}"
        ask = user("ask", properties(record=operation), camunda_candidateGroups="case_workers")
        look = user("look", camunda_candidateGroups="case_workers")
        self.world.deploy({f"{key}.bpmn": model(ask, look, way="start ask; ask look; look end", key=key)})
        self.world.start_process(self.id, key, **(start or {}))
        if operation == "hold_tac_meeting":
            answers = {"family": self.world.family_that_came(self.id), **answers}
        self.world.do("ask", by, case_id=self.id, **answers)
        return self._variables(start)

    def serve(self, operation: str, start: Mapping[str, Any] | None = None, **named: str) -> Any:
        """Let a service task do `operation` with these properties; return the variables afterwards."""
        key = f"serve_{operation}"
        look = user("look", camunda_candidateGroups="case_workers")
        tasks = (service("serve", operation, **named), look)
        self.world.deploy({f"{key}.bpmn": model(*tasks, way="start serve; serve look; look end", key=key)})
        self.world.start_process(self.id, key, **(start or {}))
        return self._variables(start)

    def _variables(self, start: Mapping[str, Any] | None) -> dict[str, Any]:
        looking = self.world.tasks(self.id, element="look")
        if not looking:
            return {}
        self.world.do("look", "hana", case_id=self.id)
        return {name: value for name, value in looking[0].variables.items() if name not in (start or {})}

    def rows(self, table: sa.Table) -> Sequence[sa.Row[Any]]:
        """Return the case's rows of a table of the record, in the order they were written."""
        return self.world.rows(sa.select(table).where(table.c.case_id == self.id).order_by(table.c.id))

    def row(self, table: sa.Table) -> sa.Row[Any]:
        """Return the case's only row of a table."""
        (row,) = self.rows(table)
        return row

    def last(self, kind: str) -> sa.Row[Any]:
        """Return the newest event of a kind."""
        return self.world.history(self.id, kind)[-1]

    def told(self) -> list[tuple[str, str]]:
        """Send what waits and return (first name, subject) of every message so far, sorted."""
        self.world.tick()
        return sorted((letter.recipient.split("@")[0], letter.subject) for letter in self.world.mailbox.messages)


@pytest.fixture
def case() -> OneCase:
    """Give a new case of a child with a parent, without any rules of escalation."""
    world = build_world(models={})
    idle = model(user("rest", camunda_candidateGroups="case_workers"), way="start rest; rest end", key="idle")
    world.deploy({"idle.bpmn": idle, "timescales.dmn": timescales(review_opens_days=15), "quiet.dmn": QUIET})
    case = OneCase(world, world.start_case(process_key="idle"))
    world.keep_parent(case.id)
    return case
