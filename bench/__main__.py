"""Measure, and print each figure beside what it must reach: `python -m bench`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import (
    acts,
    board,
    bulk,
    calendar,
    case_page,
    cycles,
    files,
    memory,
    mywork,
    playing,
    rehearsal,
    rules,
    simulation,
    soundness,
    studio_page,
    submitting,
    sweep,
    timers,
    whatif,
)
from bench.furnished import DATABASES, Databases, databases
from bench.measuring import QUICK, Figure, Scale, settled

RESULTS = Path(__file__).parent / "results"
PARTS: dict[str, Callable[[Databases, Scale], Iterator[Figure]]] = {
    "acts": acts.measure,
    "cycles": cycles.measure,
    "sweep": sweep.measure,
    "waiting": timers.measure_waiting,
    "fired": timers.measure_fired,
    "mywork": mywork.measure,
    "case_page": case_page.measure,
    "submitting": submitting.measure,
    "board": board.measure,
    "bulk": bulk.measure,
    "calendar": calendar.measure,
    "files": files.measure,
    "rules": rules.measure,
    "memory": memory.measure,
    "whatif": whatif.measure,
    "rehearsal": rehearsal.measure,
    "simulation": simulation.measure,
    "soundness": soundness.measure,
    "studiopage": studio_page.measure,
    "playing": playing.measure,
}


def main() -> int:
    """Measure what was asked for; return 1 when some figure does not reach what it must."""
    options = _options()
    scale = QUICK if options.quick else Scale()
    kinds = [options.database] if options.database else list(DATABASES)
    path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    figures: list[Figure] = []
    with databases(kinds) as found:
        for name in options.only or PARTS:
            for kind in kinds:
                print(f"measuring {name} on {kind} ...", file=sys.stderr, flush=True)
                settled()
                for figure in PARTS[name](found[kind], scale):
                    figures.append(figure)
                    _print(figure)
                    _keep(path, figures, quick=options.quick)
    print(f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}", file=sys.stderr)
    return 0 if all(figure.met for figure in figures) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench --only acts --database sqlite"
    )
    parser.add_argument("--only", action="append", choices=list(PARTS), help="measure this part only; may be repeated")
    parser.add_argument("--database", choices=DATABASES, help="measure on this database only")
    parser.add_argument("--quick", action="store_true", help="less of everything: a look, not a measurement")
    return parser.parse_args()


def _print(figure: Figure) -> None:
    """Print one figure as soon as it is known: a part that fails later must not lose it."""
    met = "met" if figure.met else "NOT met"
    print(f"{figure.measure} ({figure.database}): {figure.figure}; {figure.reach}: {met}", flush=True)


def _keep(path: Path, figures: list[Figure], *, quick: bool) -> None:
    """Keep the figures as JSON, with what they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    content = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": quick,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "figures": [figure.as_json() for figure in figures],
    }
    path.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
