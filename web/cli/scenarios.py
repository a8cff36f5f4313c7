"""`caf scenarios`: plays that are kept, tried on the files they lie beside."""

from __future__ import annotations

import argparse
import sys

from web.cli.model_files import read_files

REFUSED = 1


def scenarios(options: argparse.Namespace) -> int:
    """Try every scenario among the files, live and taken up again at each step; return 1 when one goes otherwise."""
    from engine.commands.deployments import DeploymentRefused
    from engine.playing.scenarios import scenarios_in, try_scenario

    files = read_files(options.paths)
    found, wrong = scenarios_in(files)
    for finding in wrong:
        print(finding, file=sys.stderr)
    failed = len(wrong)
    for scenario in found:
        if scenario.withdrawn:
            print(f"withdrawn {scenario.file}: {scenario.name}. {scenario.withdrawn}")
            continue
        try:
            outcome = try_scenario(files, {}, scenario)
        except DeploymentRefused as refused:
            print(refused, file=sys.stderr)
            return REFUSED
        print(f"{'kept' if outcome.kept else 'NOT KEPT':<9} {scenario.file}: {scenario.name}")
        for problem in outcome.problems:
            print(f"          {problem}")
        failed += not outcome.kept
    if not found and not wrong:
        print("There is no .scenario.yaml file among these.")
    return REFUSED if failed else 0
