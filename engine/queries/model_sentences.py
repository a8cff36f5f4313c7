"""What becomes of diagrams and rules, as sentences: deployed, approved, proposed, kept as drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries import words
from engine.queries.told_events import Sentence, Told


def _deployed(told: Told) -> str:
    added, ended = ([str(each) for each in told.detail.get(name) or ()] for name in ("added", "ended"))
    no_longer = f"No longer in force: {words.listed(ended)}" if ended else ""
    return "; ".join(filter(None, (f"Deployed: {words.listed(added)}" if added or not ended else "", no_longer)))


def _files(told: Told) -> str:
    return words.listed([str(each) for each in told.detail.get("files") or ()])


def _approved(told: Told) -> str:
    file = told.detail.get("file") or "a rule file"
    rows = words.listed([str(each) for each in told.detail.get("rows") or ()])
    return f"A change of {file} was approved" + (f": {rows}" if rows else "")


def _let_be(told: Told) -> str:
    file = told.detail.get("file") or "a rule file"
    examples = words.listed([f"“{each}”" for each in told.detail.get("examples") or ()])
    return f"{file} may come into force although it does not keep {examples or 'an example'}"


MODELS: Final[Mapping[str, Sentence]] = {
    "deployed": _deployed,
    "rules_approved": _approved,
    "rules_tried": "Changed rules were tried out on the caseload",
    "examples_let_be": _let_be,
    "upgrade_left": lambda told: f"A newer original of {told.detail.get('file') or 'a model'} was left as it is",
    "model_draft_brought_up": lambda told: (
        f"A draft of {told.detail.get('file') or 'a model'} goes on from version {told.detail.get('version') or 'now'}"
    ),
    "change_proposed": lambda told: f"Proposed for publishing: {_files(told)}",
    "change_approved": lambda told: f"Approved for publishing: {_files(told)}",
    "change_sent_back": "A change that was proposed for publishing was sent back",
    "change_withdrawn": "A change that was proposed for publishing was withdrawn",
    "change_not_published": "A change could not be published at its time",
    "model_draft_discarded": lambda told: f"A draft of {told.detail.get('file') or 'a model'} was thrown away",
    "model_draft_kept": lambda told: f"A draft of {told.detail.get('file') or 'a model'} was kept",
}
"""Kind of event -> its sentence, without the full stop."""
