"""The same table asked of `@bpmn-io/feelin` in V8, called from Python: what ours is compared with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

ASSETS = Path(__file__).parents[1] / "web" / "assets"
_ASK = """
function decide(names, rows, text) {
  const facts = JSON.parse(text);
  for (const [cells, output] of rows) {
    if (cells.every((cell, at) => cell === '-' || feelin.unaryTest(cell, {...facts, '?': facts[names[at]]}).value)) {
      return JSON.stringify(feelin.evaluate(output, facts).value);
    }
  }
  return 'null';
}
"""


def table(names: Sequence[str], rows: Sequence[tuple[Sequence[str], str]]) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that answers a table's first row that matches; a row is its cells and its output."""
    engine = MiniRacer()
    engine.eval(_bundle())
    engine.eval(_ASK)
    # A constant, so that only the facts are handed over each time.
    engine.eval(f"const asked = (text) => decide({json.dumps(names)}, {json.dumps(rows)}, text);")
    return lambda facts: json.loads(engine.call("asked", json.dumps(facts)))


def _bundle() -> str:
    """Return the package and all it needs as one script that sets `feelin`."""
    command = [str(Path(sys.executable).with_name("node")), "node_modules/esbuild/bin/esbuild", "--bundle"]
    command += ["--format=iife", "--global-name=feelin", "node_modules/@bpmn-io/feelin/dist/index.js"]
    return subprocess.run(command, cwd=ASSETS, capture_output=True, text=True, check=True).stdout
