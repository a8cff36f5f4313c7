"""Say what pm4py finds in an event log: `PYTHON pm4py_reads.py log.xes log.csv`, a line of JSON for each file.

pm4py is under the AGPL: this runs in an environment of its own, as a program of its own, and imports nothing of ours.
"""

import json
import sys
from pathlib import Path

import pandas as pd
import pm4py


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        sys.stdout.write(json.dumps(_found(_read(path))) + "\n")


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".xes":
        return pm4py.read_xes(str(path))
    return pm4py.format_dataframe(pd.read_csv(path))


def _found(log: pd.DataFrame) -> dict[str, object]:
    follows, first, last = pm4py.discover_dfg(log)
    return {
        "times": {case: sorted(_times(of_case)) for case, of_case in log.groupby("case:concept:name")},
        "activities": pm4py.get_event_attribute_values(log, "concept:name"),
        "roles": pm4py.get_event_attribute_values(log, "org:role"),
        "follows": sorted([*pair, times] for pair, times in follows.items()),
        "first": first,
        "last": last,
    }


def _times(log: pd.DataFrame) -> list[int]:
    """Return instants in milliseconds since 1970, UTC."""
    return [round(at.timestamp() * 1000) for at in log["time:timestamp"]]


if __name__ == "__main__":
    main()
