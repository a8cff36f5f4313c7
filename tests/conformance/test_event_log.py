"""pm4py reads the log of events, as XES and as CSV, and finds what the history holds (`make event-log`)."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections import Counter
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.store.tables.keeping import history
from engine.store.tables.record import cases
from tests.unit.web.player import Play
from tests.unit.web.service import new_service

ROOT = Path(__file__).parents[2]
PM4PY = ROOT / ".stamps" / "pm4py" / "bin" / "python"
"""An environment with nothing but pm4py and what it needs, which `make event-log` makes."""
YEAR = "from_on-day=1&from_on-month=1&from_on-year=2026&to_on-day=31&to_on-month=12&to_on-year=2026"


@pytest.mark.event_log
def test_pm4py_finds_in_both_files_what_the_history_holds(fake_clock, tmp_path: Path) -> None:
    service = new_service(fake_clock)
    play = Play(service)
    play.planned()
    play.days_pass(60)
    service.start_case("Élin")
    texts = {kind: service.signed_in("ruth").client.get(f"/returns/events.{kind}?{YEAR}").text for kind in KINDS}
    for kind, text in texts.items():
        (tmp_path / f"log.{kind}").write_text(text, encoding="utf-8")
    from_xes, from_csv = _asked(*(tmp_path / f"log.{kind}" for kind in KINDS))
    assert from_xes == from_csv
    assert sorted(from_xes["times"].values()) == _kept(service.engine)
    assert len(from_xes["times"]) == 2 and len(from_xes["activities"]) > 8, "a log worth reading"
    assert {key: from_csv[key] for key in ("activities", "roles", "follows", "first", "last")} == _counted(texts["csv"])
    service.engine.sessions.close()


KINDS = ("xes", "csv")


def _asked(*paths: Path) -> list[dict]:
    """Return what pm4py, a program of its own, says of each file."""
    assert PM4PY.is_file(), "pm4py is not installed: run `make event-log`"
    program = Path(__file__).with_name("pm4py_reads.py")
    said = subprocess.run([PM4PY, "-I", program, *paths], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def _kept(engine) -> list[list[int]]:
    """Return the instants of each child's case, in milliseconds, without the engine's notes of its own steps."""
    of_children = history.c.case_id.in_(sa.select(cases.c.id).where(cases.c.child_id.is_not(None)))
    query = sa.select(history.c.case_id, history.c.recorded_at).where(of_children, history.c.kind != "process_moved")
    with engine.sessions.read() as connection:
        rows = connection.execute(query.order_by(history.c.case_id)).all()
    by_case = groupby(rows, key=lambda row: row.case_id)
    return sorted(sorted(int(row.recorded_at.timestamp() * 1000) for row in of_case) for _, of_case in by_case)


def _counted(text: str) -> dict[str, object]:
    """Count in the CSV what pm4py counts: activities, roles, what follows what, first and last."""
    rows = list(csv.DictReader(io.StringIO(text)))
    traces = [[row["concept:name"] for row in of] for _, of in groupby(rows, key=lambda row: row["case:concept:name"])]
    follows = Counter(pair for trace in traces for pair in pairwise(trace))
    return {
        "activities": Counter(row["concept:name"] for row in rows),
        "roles": Counter(row["org:role"] for row in rows),
        "follows": sorted([*pair, times] for pair, times in follows.items()),
        "first": Counter(trace[0] for trace in traces),
        "last": Counter(trace[-1] for trace in traces),
    }
