"""Which of the files that come with the service are new here: what an authority made its own is left alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from engine.checking import Checked
from engine.store import definitions
from engine.work import Work


def unseen(work: Work, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return those of `files` (name -> content) whose very content this authority never deployed in any version."""
    known = {each.hash for each in definitions.versions(work.connection, work.authority.id)}
    return {file: content for file, content in files.items() if hashlib.sha256(content).hexdigest() not in known}


def changed_here(
    work: Work, checked: Checked, homes: Mapping[tuple[str, str], str]
) -> frozenset[str]:
    """Return the files of `checked` that hold a definition whose newest text here did not come with the service.

    One that is in a file of another name here, as `homes` say by (kind, key), is the authority's own too. A version
    that only took on newer forms repeats an older text: what counts is who brought that text first.
    """
    shipped = definitions.shipped_deployments(work.connection, work.authority.id)
    newest: dict[tuple[str, str], str] = {}
    first: dict[tuple[str, str, str], bool] = {}
    for each in definitions.versions(work.connection, work.authority.id):
        newest[each.kind, each.key] = each.hash
        first.setdefault((each.kind, each.key, each.hash), each.deployment_id in shipped)
    own = {key for key, digest in newest.items() if not first[*key, digest]}
    return frozenset(
        file
        for file, keys in _keys(checked).items()
        if keys & own or any(homes.get(key, file) != file for key in keys)
    )


def _keys(checked: Checked) -> dict[str, AbstractSet[tuple[str, str]]]:
    keys: dict[str, AbstractSet[tuple[str, str]]] = {}
    keys.update({file: {("form", form.key)} for file, form in checked.forms.items()})
    keys.update({file: {("rules", model.key)} for file, model in checked.rules.items()})
    keys.update({file: {("examples", each.decision)} for file, each in checked.examples.items()})
    keys.update({file: {("scenario", each.key)} for file, each in checked.scenarios.items()})
    keys.update({file: {("process", each.key) for each in found} for file, found in checked.processes.items()})
    return keys
