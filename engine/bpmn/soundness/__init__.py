"""Play every way through a process before a case does: what would wait for ever, never happen, or happen twice.

A token game over the diagram as `engine.bpmn` runs it, with a cap: a diagram with too many ways says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.bpmn.lint.findings import Catalogue, Finding
from engine.bpmn.lint.model import Element, Model
from engine.bpmn.lint.paths import ENDLESS, check_sizes
from engine.bpmn.soundness.game import Game
from engine.bpmn.soundness.net import read_net
from engine.bpmn.soundness.search import MOST, search
from engine.bpmn.soundness.verdict import Verdict

__all__ = ["MOST", "Soundness", "sound", "with_ways"]


@dataclass(frozen=True, slots=True)
class Soundness:
    """What playing a file found. `gave_up` says in words that not all was looked at; empty when it was.

    `ways` gives, for each element that a case can come to, the ids of those that lead there, by one way.
    """

    findings: tuple[Finding, ...]
    gave_up: str
    ways: dict[str, tuple[str, ...]]


def sound(root: Element, *, name: str, most: int = MOST) -> Soundness:
    """Play the executable processes of a BPMN file, each looked at in at most `most` ways that things can stand.

    `root` is the tree from `engine.xml.parse_untrusted`, `name` the file's name for the messages. A process that the
    linter refuses for how it is drawn, or for its size, is left out. Never raises for what a file holds.
    """
    model = Model(root, name=name, catalogue=Catalogue())
    if any(check_sizes(model)):
        return Soundness((), "", {})  # ten thousand steps in a row play for half a minute
    verdicts = list(_verdicts(model, most))
    gave_up = "; ".join(filter(None, (verdict.gave_up for verdict in verdicts)))
    ways = {id_: way for verdict in verdicts for id_, way in verdict.ways().items()}
    return Soundness(tuple(found for verdict in verdicts for found in verdict.findings()), gave_up, ways)


def _verdicts(model: Model, most: int) -> Iterator[Verdict]:
    for process in model.executable:
        net = read_net(model, process)
        if net is not None:
            yield Verdict(model, search(Game(net), most=most))


def with_ways(findings: tuple[Finding, ...], played: Soundness) -> tuple[Finding, ...]:
    """Return what the linter found, loops without an end with the way into them."""
    ways = played.ways
    return tuple(
        replace(each, path=ways.get(each.element_id, ())) if each.what == ENDLESS else each for each in findings
    )
