"""Rule files that are to be tried out: read, checked as for deploying, never stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.bpmn.lint import Finding, to_mend
from engine.casework.escalation import DECISION
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.checking import Known, check, kind_of
from engine.dmn import DecisionModel
from engine.dmn.imports import InForce, read_together
from engine.dmn.written import written_decisions
from engine.errors import Invalid
from engine.library import TIMESCALES

ASKED: Final = (DECISION, TIMESCALES)
"""The decisions that an escalation hangs on."""


class DraftRefused(Invalid):
    """Rule files that could not be deployed; `findings` say which decision, row and column, why, and what instead."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"The rules cannot be tried out: {to_mend(findings)}")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Draft:
    """Rules that are not in force: the models by decision, for those of `ASKED` that the files hold.

    `digest` names the files' text (SHA-256); `notices` are what a designer should know, examples not kept among them.
    """

    files: tuple[str, ...]
    digest: str
    models: Mapping[str, DecisionModel]
    notices: tuple[Finding, ...] = ()


def read_draft(files: Mapping[str, bytes], known: Known) -> Draft:
    """Read rule files (name -> content) as deploying would, next to what is `known` to be in force.

    Examples may come with them; those that the draft does not keep are noticed and stop nothing, as trying out comes
    before mending them. Raises `DraftRefused` for what could not be deployed, `Invalid` for files without rules that
    an escalation hangs on.
    """
    for file in files:
        if kind_of(file) not in ("rules", "examples"):
            raise Invalid(f"{file}: only rules (.dmn) and their examples (.tests.yaml) can be tried out", file=file)
    checked = check(files, known)
    unkept = set(checked.unkept)
    errors = tuple(finding for finding in checked.errors if finding not in unkept)
    if errors:
        raise DraftRefused(errors)
    models = by_decision((*checked.again.values(), *checked.rules.values()))
    if not models:
        raise Invalid(_NOTHING.format(", ".join(sorted(files)) or "The files"))
    notices = checked.unkept + tuple(each for each in checked.findings if each.severity == "notice")
    return Draft(tuple(sorted(files)), digest_of(files), models, notices)


def read_unchecked(files: Mapping[str, bytes], in_force: InForce) -> Draft | None:
    """Read the rule files among `files` that an escalation hangs on, next to those in force.

    None without any, or when one cannot be read. All count when rules in force import one of them.
    """
    own = {file: content for file, content in files.items() if file.endswith(".dmn")}
    read = read_together(own, in_force, HOST_FUNCTIONS)
    again = by_decision(read.again.values())
    models = {**again, **by_decision(read.models.values())}
    if read.faults or read.broken or not models:
        return None
    names = own if again else {model.file for model in models.values()}
    return Draft(tuple(sorted(names)), digest_of(own), models)


def may_be_tried(file: str, content: bytes) -> bool:
    """Tell whether a rule file, readable or not yet, holds a decision that can be tried out on the caseload."""
    if not file.endswith(".dmn"):
        return False
    try:
        return any(each.id in ASKED for each in written_decisions(content, name=file))
    except Invalid:
        return False


def by_decision(models: Iterable[DecisionModel]) -> dict[str, DecisionModel]:
    """Return, of some models, those that hold a decision of `ASKED`, by that decision."""
    return {decision: model for model in models for decision in ASKED if decision in model.decisions}


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return one SHA-256 (hexadecimal) of the rule files' texts, whatever the files are called."""
    texts = sorted(hashlib.sha256(content).digest() for file, content in files.items() if file.endswith(".dmn"))
    return hashlib.sha256(b"".join(texts)).hexdigest()


_NOTHING: Final = (
    f"{{}}: this holds neither the decision '{DECISION}' nor '{TIMESCALES}', so no escalation hangs on it; "
    "choose the file of one of these"
)
