"""Move the cases of a release once all its texts are in force, as was chosen: in a batch, each tried anew then."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.going_back import Goal, goals
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import actors, batches, rehearsals
from engine.store.authorities import Authority

WHY: Final = "They move to the version that was published"


def move_published(engine: ProcessEngine) -> int:
    """Begin the batch of each rehearsal whose texts are all in force now; return how many were begun."""
    with engine.sessions.read() as connection:
        waiting_ones = [row for row in rehearsals.unmoved(connection) if _in_force(connection, row)]
    return sum(_begin_moving(engine, row) for row in waiting_ones)


def _in_force(connection: sa.Connection, row: Any) -> bool:
    """Tell whether a release is in force; where cases are tried on what is, whether somebody wants them to move."""
    if not row.wanted:
        return bool(row.choice == "move")
    texts = rehearsals.newest_texts(connection, row.authority_id)
    return all(texts.get(name) == digest for name, digest in row.wanted.items())


def _begin_moving(engine: ProcessEngine, row: Any) -> bool:
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        actor = actors.of_account(connection, row.account_id, now=now)
        work = open_staff_work(engine, connection, row.authority_id, actor)
        items = _items(engine, connection, work.authority, row)
        batch_id = engine.ids.new() if items else None
        if not rehearsals.mark_moved(connection, row.id, batch_id=None, at=now):
            return False
        if batch_id is not None:
            batch = {
                "id": batch_id, "authority_id": row.authority_id, "account_id": row.account_id, "kind": "versions",
                "undoes_id": None, "why": WHY, "state": "running", "planned_at": now, "begun_at": now,
            }  # fmt: skip
            batches.insert(connection, batch, [{**each, "batch_id": batch_id} for each in items])
            rehearsals.change(connection, row.id, batch_id=batch_id)
            work.record("batch_begun", subject=batch_id, detail={"items": len(items), "rehearsal": str(row.id)})
            work.finish()
    return batch_id is not None


def _items(engine: ProcessEngine, connection: sa.Connection, authority: Authority, row: Any) -> list[dict[str, Any]]:
    """Return the items of the batch that moves what was chosen; with them what has begun since the rehearsal."""
    newest = {key: authority.latest["process", key] for key in row.process_keys if ("process", key) in authority.latest}
    behind = {each.id: each for each in rehearsals.behind(connection, row.authority_id, newest)}
    known = {each.instance_id: each for each in rehearsals.cases_of(connection, row.id)}
    back = goals(connection, authority, row)
    found: list[dict[str, Any]] = []
    for each in behind.values():
        tried_as = known.get(each.id)
        if (back is None or each.id in back) and chosen(row, tried_as) == "move":
            goal = Goal(newest[each.process_key], {}) if back is None else back[each.id]
            particulars = {
                "instance": str(each.id), "definition": str(goal.definition_id),
                "targets": {**goal.targets, **targets_of(row, tried_as)},
            }  # fmt: skip
            found.append({
                "id": engine.ids.new(), "authority_id": row.authority_id, "number": len(found), "case_id": each.case_id,
                "task_id": None, "from_id": None, "to_id": None, "version": 0, "state": "waiting", "said": "",
                "particulars": particulars,
            })  # fmt: skip
    return found


def chosen(row: Any, case: Any) -> str:
    """Return whether a case is to `move` or to `stay`: as was chosen for it, for its kind, or for the release.

    `case` is a row of `engine.store.rehearsals.cases_of`; None for one that began after the rehearsal.
    """
    if case is None:
        return str(row.choice)
    able = case.verdict in ("unharmed", "changes")
    wanted = str(case.choice or case.kind_choice or (row.choice if able else "stay"))
    return "stay" if wanted == "later" else wanted


def targets_of(row: Any, case: Any) -> dict[str, dict[str, str]]:
    """Return which element is meant instead of which, by process key: the release's, the kind's, the case's own."""
    merged: dict[str, dict[str, str]] = {}
    for given in (row.targets, *(() if case is None else (case.kind_targets, case.targets))):
        for key, targets in given.items():
            merged.setdefault(key, {}).update(targets)
    return merged
