"""Refuse BPMN that SpiffWorkflow would misread, before it sees it: element, reason, and what to draw instead.

Several constructs parse without complaint and then do the wrong thing or nothing at all; each of the
modules here knows one sort of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.bpmn.lint.activities import (
    check_calls,
    check_decisions,
    check_kinds,
    check_service_tasks,
    check_user_tasks,
)
from engine.bpmn.lint.case_starts import check_case_starts
from engine.bpmn.lint.events import check_boundaries, check_codes, check_events, check_messages
from engine.bpmn.lint.findings import Catalogue, Finding, Severity, to_mend
from engine.bpmn.lint.flows import check_choices, check_conditions, check_flow_ends, check_gateways, check_splits
from engine.bpmn.lint.formulas import check_expressions, check_names
from engine.bpmn.lint.guidance import check_guidance
from engine.bpmn.lint.model import Element, Model
from engine.bpmn.lint.paths import check_reachability, check_sizes, check_starts_and_ends
from engine.bpmn.lint.repeats import check_repeats
from engine.bpmn.lint.structure import (
    check_definitions,
    check_ids,
    check_processes,
    check_references,
    check_shapes,
)
from engine.bpmn.lint.times import check_timers
from engine.bpmn.lint.variables import check_variables
from engine.bpmn.lint.vendors import check_extensions

__all__ = ["Catalogue", "Finding", "Severity", "lint_process", "to_mend"]

_CHECKS: tuple[Callable[[Model], Iterator[Finding]], ...] = (
    check_definitions,
    check_processes,
    check_ids,
    check_references,
    check_shapes,
    check_flow_ends,
    check_splits,
    check_conditions,
    check_choices,
    check_gateways,
    check_starts_and_ends,
    check_reachability,
    check_sizes,
    check_events,
    check_boundaries,
    check_messages,
    check_codes,
    check_timers,
    check_kinds,
    check_service_tasks,
    check_decisions,
    check_user_tasks,
    check_case_starts,
    check_guidance,
    check_calls,
    check_repeats,
    check_variables,
    check_extensions,
    check_names,
    check_expressions,
)


def lint_process(root: Element, *, name: str, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Return what is wrong with, and worth knowing about, a BPMN file; errors refuse it, notices do not.

    `root` is the tree from `engine.xml.parse_untrusted`, `name` the file's name for the messages, and
    `catalogue` holds the names the file may refer to. Errors come first. Never raises for what a file holds.
    """
    model = Model(root, name=name, catalogue=catalogue)
    found = dict.fromkeys(finding for check in _CHECKS for finding in check(model))
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))
