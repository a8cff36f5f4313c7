"""Check BPMN, DMN and form files together, without a database: what `caf lint` prints and deploying obeys."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.lint import Finding
from engine.checking import across, scenarios
from engine.checking.diagrams import not_looked_up, read_calls, read_diagrams
from engine.checking.files import KINDS, Checked, Known, Reading, kind_of
from engine.checking.names import names_are_set

__all__ = ["KINDS", "Checked", "Finding", "Known", "check", "kind_of", "not_looked_up", "of_another_file"]


def of_another_file(file: str, content: bytes, known: Known) -> Finding | None:
    """Return the finding that a text belongs in another file that is in force, None when it does not."""
    read = Reading({file: content}, known)
    read_calls(read)
    read.findings.clear()
    across.no_key_twice(read)
    return next(iter(read.findings), None)


def check(files: Mapping[str, bytes], known: Known | None = None) -> Checked:
    """Read `files` (name -> content) against each other and what is `known`; never raises for their content.

    When `known` is None, references to a kind of file of which none is among these go unchecked.
    """
    read = Reading(files, known)
    read_diagrams(read)
    across.escalations_name_what_exists(read)
    across.names_are_given(read)
    across.tables_are_sound(read)
    across.limits_are_there(read)
    across.examples_are_kept(read)
    across.forms_ask_enough(read)
    scenarios.name_what_exists(read)
    names_are_set(read)
    across.no_key_twice(read)
    across.no_name_twice(read)
    return Checked(
        tuple(read.findings),
        read.processes,
        read.rules,
        read.forms,
        read.examples,
        tuple(read.unkept),
        read.again,
        read.gave_up,
        read.scenarios,
    )
