"""Checking a model while it is drawn: the same answer that deploying it would give, for the editor's script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.checking import Finding
from engine.errors import Invalid
from engine.kept_comments import with_comments
from engine.queries import model_checks
from engine.queries import model_drafts as drafts
from engine.titles import title_of
from engine.writing import in_one_writing
from web import access
from web.current import actor, engine

blueprint = Blueprint("studio_checking", __name__, url_prefix="/studio/check")


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def check() -> ResponseReturnValue:
    """Check `content` as the text of `file`; nothing is kept. Asked to `compare`, say whether it is saved already."""
    sent = request.get_json(silent=True)
    sent = sent if isinstance(sent, dict) else {}
    file, content = sent.get("file"), sent.get("content")
    if not isinstance(file, str) or not isinstance(content, str):
        raise Invalid("Send a JSON object with file and content, each a text")
    found = model_checks.check_model(engine(), actor=actor(), file=file, content=content.encode())
    return jsonify(
        findings=[told(each) for each in found.findings],
        gave_up=found.gave_up,
        elsewhere=found.elsewhere,
        title=title_of(file, content.encode()),
        **({"is_saved": _is_saved(file, content.encode())} if sent.get("compare") else {}),
    )


def _is_saved(file: str, content: bytes) -> bool:
    """Tell whether a text is the draft, or without one what is in force, however an editor wrote it."""
    saved = drafts.draft(engine(), actor=actor(), file=file) or drafts.in_force(engine(), actor=actor(), file=file)
    if saved is None:
        return False
    return in_one_writing(file, with_comments(file, content, saved.content)) == in_one_writing(file, saved.content)


def told(finding: Finding) -> dict[str, Any]:
    """Return a finding as a script takes it."""
    return {
        "element": finding.element_id,
        "severity": finding.severity,
        "what": finding.what,
        "advice": finding.advice,
        "path": list(finding.path),
    }
