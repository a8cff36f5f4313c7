"""The versions that a deployment adds, each process pinned to the forms, callees and decisions it is to use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.bpmn import ProcessDefinition
from engine.checking import Checked, Known
from engine.dmn import DecisionModel
from engine.store import definitions
from engine.store.definitions import StoredDefinition
from engine.work import Work


def new_versions(work: Work, files: Mapping[str, bytes], checked: Checked, known: Known) -> list[StoredDefinition]:
    """Return the versions that checked `files` add to those in force: forms and rules first, then processes.

    Each process is pinned to all that it uses; a file whose content and pins are those of its newest version adds
    none. A process deployed before whose form or callee is new gets a new version too, with its old text, so that
    new cases meet the new form; so does a rules file whose import is new.
    """
    made = _Rows(work)
    for file, form in checked.forms.items():
        made.add("form", form.key, form.title or form.key, (file, files[file]), {})
    for file, scenario in checked.scenarios.items():
        called = f"{scenario.name} (withdrawn)" if scenario.withdrawn else scenario.name
        made.add("scenario", scenario.key, called, (file, files[file]), {})
    _add_rules(made, files, checked, known)
    for file, examples in checked.examples.items():
        made.add("examples", examples.decision, f"Examples of {examples.decision}", (file, files[file]), {})
    new = {process.key: (file, process) for file, each in checked.processes.items() for process in each}
    processes = {**known.processes, **{key: process for key, (_, process) in new.items()}}
    for key in needed_first(processes, lambda key: processes[key].calls):
        if key in new:
            file, process = new[key]
            made.add("process", key, process.name or key, (file, files[file]), made.pins(process))
        else:
            made.pin_again(processes[key])
    return made.rows


def _add_rules(made: _Rows, files: Mapping[str, bytes], checked: Checked, known: Known) -> None:
    texts = {key: (model.file, known.rule_sources[key]) for key, model in checked.again.items()}
    texts |= {model.key: (file, files[file]) for file, model in checked.rules.items()}
    models = {**checked.again, **{model.key: model for model in checked.rules.values()}}
    for key in needed_first(models, lambda key: {each.key for each in models[key].imports.values()}):
        made.add("rules", key, models[key].name or key, texts[key], made.rule_pins(models[key]))


def needed_first(keys: Iterable[str], needs: Callable[[str], Iterable[str]]) -> list[str]:
    """Order `keys` so that each comes after those of them that it `needs`, however indirectly."""
    known = frozenset(keys)
    ordered: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in ordered or key not in known:
            return
        for needed in sorted(needs(key)):
            visit(needed)
        ordered[key] = None

    for key in sorted(known):
        visit(key)
    return list(ordered)


class _Rows:
    """The new versions of one deployment; `latest` runs ahead of the database as they are added."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._latest = dict(work.authority.latest)
        self.rows: list[StoredDefinition] = []

    def add(self, kind: str, key: str, name: str, text: tuple[str, bytes], uses: dict[str, Any]) -> None:
        """Add a version unless its text (file name and content) and pins are those of the newest."""
        file, source = text
        digest = hashlib.sha256(source).hexdigest()
        newest = definitions.newest(self._work.connection, self._work.authority.id, kind, key)
        if newest is not None and newest.hash == digest and newest.uses == uses:
            return
        row = StoredDefinition(
            id=self._work.engine.ids.new(),
            authority_id=self._work.authority.id,
            kind=kind,
            key=key,
            version=1 if newest is None else newest.version + 1,
            name=name,
            file=file,
            source=source,
            hash=digest,
            uses=uses,
        )
        self.rows.append(row)
        self._latest[kind, key] = row.id
        for decision in uses["decisions"] if kind == "rules" else ():
            self._latest["decision", decision] = row.id

    def pin_again(self, process: ProcessDefinition) -> None:
        """Add a version of a process deployed before when a form or callee of it is new; its rules stay."""
        before = definitions.load(self._work.connection, self._latest["process", process.key])
        uses = {**self.pins(process), "decisions": before.uses["decisions"]}
        self.add("process", process.key, before.name, (before.file, before.source), uses)

    def rule_pins(self, model: DecisionModel) -> dict[str, Any]:
        """Return what is kept of a rules file: the decisions it holds and the versions of the files it imports."""
        imports = {each.namespace: str(self._latest["rules", each.key]) for each in model.imports.values()}
        return {"decisions": sorted(model.decisions), **({"imports": imports} if imports else {})}

    def pins(self, process: ProcessDefinition) -> dict[str, Any]:
        """Return what a process is pinned to: forms, called processes and, where it asks for it, decisions."""
        elements = process.elements.values()
        bound = {each.decision for each in elements if each.decision and each.decision_binding == "deployment"}
        return {
            "forms": self._ids("form", {element.form for element in elements if element.form}),
            "calls": self._ids("process", set(process.calls)),
            "decisions": self._ids("decision", bound),
            "messages": sorted(process.message_starts),
        }

    def _ids(self, kind: str, keys: set[str]) -> dict[str, str]:
        return {key: str(self._latest[kind, key]) for key in sorted(keys) if (kind, key) in self._latest}
