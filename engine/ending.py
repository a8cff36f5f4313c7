"""Definitions that are in force no longer: what came with a release that is taken back. Their versions are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.bpmn.lint import Finding
from engine.checking import Known, check
from engine.store import definitions, running
from engine.store.authorities import Authority
from engine.store.definitions import NO_TEXT, DatedVersion, StoredDefinition
from engine.work import Work


def without(authority: Authority, ended: Sequence[DatedVersion]) -> Authority:
    """Return an authority as it is when these definitions are in force no longer."""
    gone = {each.id for each in ended}
    return replace(authority, latest={name: id_ for name, id_ in authority.latest.items() if id_ not in gone})


def ends_of(work: Work, ended: Sequence[DatedVersion]) -> list[StoredDefinition]:
    """Return the versions, without a text, that say so."""
    return [
        StoredDefinition(
            id=work.engine.ids.new(), authority_id=work.authority.id, kind=each.kind, key=each.key,
            version=each.version + 1, name=definitions.load(work.connection, each.id).name, file=each.file, source=b"",
            hash=NO_TEXT, uses={},
        )
        for each in ended
    ]  # fmt: skip


def against_ending(work: Work, ended: Sequence[DatedVersion], files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Return why definitions cannot end as `files` (name -> content) come into force: who would miss them.

    A case that holds to a version of a form or of a called diagram keeps it, as it does when there is a newer one.
    """
    in_use = (*_run_on(work, ended), *_asked(work, ended, files))
    return in_use or tuple(_named(work, ended, files))


def _run_on(work: Work, ended: Sequence[DatedVersion]) -> Iterator[Finding]:
    counts = running.counts(work.connection, work.authority.id)
    for each in ended:
        number = sum(count for (key, _), count in counts.items() if each.kind == "process" and key == each.key)
        if number:
            cases = "1 case runs" if number == 1 else f"{number:,} cases run"
            yield Finding(each.file, each.key, f"{cases} on it", "let them finish it first, or let it stay in force")


def _asked(work: Work, ended: Sequence[DatedVersion], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Find decisions that would be gone and that running cases ask for as they are in force."""
    gone = {decision: each for each in ended if each.kind == "rules" for decision in each.uses.get("decisions", ())}
    held = {name for file, content in files.items() if file.endswith(".dmn") for name in gone if _holds(content, name)}
    if not gone.keys() - held:
        return
    for _, definition_id in running.counts(work.connection, work.authority.id):
        process = work.engine.library.process(work.connection, definition_id)
        for elements in process.family.values():
            for info in elements.values():
                if info.decision and info.decision in gone.keys() - held and info.decision_binding != "deployment":
                    each, name = gone[info.decision], process.name or process.key
                    yield Finding(each.file, info.decision, f"cases that run on {name} ask it", "let it stay in force")
                    return


def _holds(content: bytes, decision: str) -> bool:
    return f'id="{decision}"'.encode() in content


def _named(work: Work, ended: Sequence[DatedVersion], files: Mapping[str, bytes]) -> list[Finding]:
    """Find what would be wrong with the files in force without these, and is not wrong now."""
    now = _texts(work, work.authority)
    then = {**_texts(work, without(work.authority, ended)), **files}
    wrong = check(then, Known()).errors
    if not wrong:
        return []
    before = {(each.file, each.element_id, each.what) for each in check(now, Known()).errors}
    return [each for each in wrong if (each.file, each.element_id, each.what) not in before]


def _texts(work: Work, authority: Authority) -> dict[str, bytes]:
    stored = (definitions.load(work.connection, id_) for id_ in sorted(set(authority.latest.values())))
    return {each.file: each.source for each in stored}
