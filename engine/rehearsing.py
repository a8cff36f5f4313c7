"""Rehearse a release: every running case is tried on the new versions, in turns of the scheduler, reading only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import Meets, Path, ProcessDefinition, Remark, StepEnvironment, Targets, Touched, parse_process
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.checking import Checked, Known, check
from engine.errors import EngineError, Invalid, NotFound, in_words
from engine.forms import Form
from engine.going_back import goals
from engine.in_force import known_to
from engine.leaving import open_staff_work
from engine.migrating import Version, deployed, touched, tried, waiting
from engine.new_versions import needed_first
from engine.process_engine import ProcessEngine
from engine.store import authorities, people, rehearsals
from engine.store.authorities import Authority
from engine.work import Work

A_TURN: Final = 500
"""How many cases the scheduler tries in one of its turns, so that timers do not wait for long."""


@dataclass(frozen=True, slots=True)
class Release:
    """What running cases are tried on, by process key; `wanted` are its texts, "kind key" -> SHA-256."""

    versions: Mapping[str, Version]
    wanted: Mapping[str, str]


def release_of(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, files: Mapping[str, bytes]
) -> Release:
    """Return what the processes would be once `files` are in force; without any, what they are now.

    A process that calls a new one, or asks with a new form, is new too. Raises `Invalid` for files that cannot run.
    """
    known = known_to(engine, connection, authority)
    checked = check(files, known) if files else Checked((), {}, {}, {})
    if wrong := [each for each in checked.errors if each not in checked.unkept]:
        raise Invalid(f"These files cannot run yet: {wrong[0]}", field="files")
    forms = {**known.forms, **{form.key: form for form in checked.forms.values()}}
    concerned = _new_processes(files, checked, known) if files else known.processes
    versions = {key: Version(process, _form_in(forms)) for key, process in concerned.items()}
    return Release(versions, _wanted(files, checked))


def steps_of(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, release: Release, targets: Targets
) -> list[dict[str, str]]:
    """Return the steps that a release changes of what is in force: `process`, `element`, `name`, `how`, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, version in sorted(release.versions.items() if release.wanted else ()):
        if (in_force := authority.latest.get(("process", key))) is not None:
            old = deployed(connection, engine.library, in_force)
            for each in touched(old, version, targets=targets).steps:
                kept = {"process": each.process_key, "element": each.element_id, "name": each.name, "how": each.how}
                found.setdefault((each.process_key, each.element_id), kept)
    return list(found.values())


def _forms_of(process: ProcessDefinition) -> set[str]:
    return {info.form for info in process.elements.values() if info.form}


def _form_in(forms: Mapping[str, Form]) -> Any:
    return lambda info: forms.get(info.form or "")


def _new_processes(files: Mapping[str, bytes], checked: Checked, known: Known) -> dict[str, ProcessDefinition]:
    """Return the processes that get a new version, in the order of deploying: each read with what it calls then.

    They are those of the files, those that ask with a new form, and all that call one of these, however indirectly.
    """
    drawn = {process.key: (file, process) for file, each in checked.processes.items() for process in each}
    processes = {**known.processes, **{key: process for key, (_, process) in drawn.items()}}
    forms = {form.key for form in checked.forms.values() if _is_new(form, known)}
    new: dict[str, ProcessDefinition] = {}
    for key in needed_first(processes, lambda key: processes[key].calls):
        if key in drawn or processes[key].calls & new.keys() or _forms_of(processes[key]) & forms:
            source = files[drawn[key][0]] if key in drawn else known.sources[key]
            read = parse_process(source, name=key, called={**processes, **new}, functions=HOST_FUNCTIONS)
            new[key] = next(process for process in read if process.key == key)
    return new


def _is_new(form: Form, known: Known) -> bool:
    return form.key not in known.forms or known.forms[form.key].hash != form.hash


def _wanted(files: Mapping[str, bytes], checked: Checked) -> Mapping[str, str]:
    digests = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    processes = {f"process {each.key}": digests[file] for file, of in checked.processes.items() for each in of}
    return {**processes, **{f"form {form.key}": digests[file] for file, form in checked.forms.items()}}


def go_on(engine: ProcessEngine, *, most: int = A_TURN) -> int:
    """Go on with the rehearsals under way for up to `most` cases; return how many cases were tried."""
    with engine.sessions.read() as connection:
        under_way = rehearsals.running(connection)
    done = 0
    for row in under_way:
        if done < most:
            done += go_on_with(engine, row, most=most - done)
    return done


def go_on_with(engine: ProcessEngine, row: Any, *, most: int) -> int:
    """Go on with one rehearsal for up to `most` cases, and end it when all were tried; return how many were."""
    try:
        found = list(_tried(engine, row, most))
    except (Invalid, NotFound) as error:
        with engine.sessions.act() as connection:
            ended = {"state": "failed", "said": in_words(error), "ended_at": engine.clock.now()}
            rehearsals.change(connection, row.id, **ended)
        return 0
    with engine.sessions.act() as connection:
        # Before the rehearsal is locked, as whoever chooses does it in this order too.
        work = open_staff_work(engine, connection, row.authority_id, None) if len(found) < most else None
        if not rehearsals.is_at(connection, row.id, row.seen_until):
            return 0  # another has tried these meanwhile, or it was thrown away
        _keep(engine, connection, row, found)
        seen: dict[str, Any] = {"seen": row.seen + len(found)}
        if found:
            seen["seen_until"] = found[-1].instance_id
        if work is not None:
            seen |= {"state": "done", "ended_at": work.at, "total": seen["seen"]}
            _end(work, row)
        rehearsals.change(connection, row.id, **seen)
    return len(found)


def _end(work: Work, row: Any) -> None:
    """Write that all cases were tried, and tell the coordinators once if some wait for a decision before a release."""
    to_decide = [each for each in rehearsals.kinds(work.connection, row.id) if each.verdict == "decide"]
    # Texts that are tried again are not asked about again.
    release = hashlib.sha256("".join(sorted(row.wanted.values())).encode()).hexdigest() if row.wanted else row.id
    for who in people.with_role(work.connection, row.authority_id, "coordinator") if to_decide else ():
        subject = "Running cases need a decision before a change is published"
        work.send(who, subject=subject, body=_LOOK, key=f"rehearsal:{release}:{who}")
    work.record("rehearsal_ended", subject=row.id, detail={"kinds_to_decide": len(to_decide)})
    work.finish()


_LOOK: Final = "Look at Workload, releases tried on running cases. This message holds no details on purpose."


@dataclass(frozen=True, slots=True)
class _Tried:
    case_id: UUID
    instance_id: UUID
    process_key: str
    verdict: str
    remarks: tuple[Remark, ...]
    meets: Meets


def _tried(engine: ProcessEngine, row: Any, most: int) -> Iterator[_Tried]:
    with engine.sessions.read() as connection:
        authority = authorities.load(connection, row.authority_id)
        versions = _versions(engine, connection, authority, row)
        there = there_already(authority, row.process_keys, row.wanted)
        back = goals(connection, authority, row)
        running = rehearsals.after(
            connection, authority.id, row.process_keys, row.seen_until, limit=most, but=there, only=back
        )
        tasks = waiting(connection, engine.library, [each.id for each in running])
        done = rehearsals.done_tasks(connection, [each.id for each in running])
        host = engine.library.host(connection, authority)
        world = StepEnvironment(now=engine.clock.now(), zone=authority.zone, host=host, ids=engine.ids)
        changes: dict[tuple[UUID, UUID | None], Touched] = {}
        for each in running:
            version, targets, goal = versions[each.process_key], row.targets, None
            if back is not None:
                goal, targets = back[each.id].definition_id, {**row.targets, **back[each.id].targets}
                version = deployed(connection, engine.library, goal)
            way = each.definition_id, goal
            if way not in changes:
                old = deployed(connection, engine.library, each.definition_id)
                changes[way] = touched(old, version, targets=targets)
            on = engine.library.process(connection, each.definition_id)
            verdict, remarks, places = _verdict(on, version, each.state, world, tasks[each.id], targets)
            met = changes[way].meets(places, frozenset(done[each.id])) if places else "at"
            yield _Tried(each.case_id, each.id, each.process_key, verdict, remarks, met)


def there_already(authority: Authority, process_keys: Iterable[str], wanted: Mapping[str, str]) -> list[UUID]:
    """Return the versions whose cases need not be tried: the newest, where cases are tried on what is in force."""
    latest = (authority.latest.get(("process", key)) for key in process_keys)
    return [] if wanted else [each for each in latest if each is not None]


def _versions(
    engine: ProcessEngine, connection: sa.Connection, authority: Authority, row: Any
) -> Mapping[str, Version]:
    """Return what a rehearsal tries cases on; read once, and kept while it is under way."""
    key, now = ("rehearsal", row.id, authority.version), engine.clock.now()
    kept = engine.kept.latest(key, now=now)
    if kept is None:
        found = release_of(engine, connection, authority, rehearsals.files_of(connection, row.id)).versions
        engine.kept.put(key, found, now=now)
        return found
    versions: Mapping[str, Version] = kept[1]
    return versions


def _verdict(
    old: ProcessDefinition, version: Version, state: bytes, world: StepEnvironment, tasks: Any, targets: Any
) -> tuple[str, tuple[Remark, ...], tuple[Path, ...]]:
    """Try one case: carried over, and stored as it would be then; say where it stands, nowhere if it cannot go on.

    What stops it is told without its own values.
    """
    try:
        carried = tried(old, version, state, world, tasks, targets=targets)
        if carried.instance is not None:
            carried.instance.progress()
    except EngineError as error:
        element = str(error.details.get("element") or "")
        info = version.definition.elements.get(element)
        at = f" at “{(info and info.name) or element}”" if element else ""
        said = f"The new version cannot go on{at} with what this case holds"
        return "stays", (Remark("stays", element, said),), ()
    return carried.verdict, carried.remarks, carried.places


def _keep(engine: ProcessEngine, connection: sa.Connection, row: Any, found: list[_Tried]) -> None:
    """Write what came of each, under its kind; a kind that is met for the first time is new."""
    met = rehearsals.kinds(connection, row.id)
    kinds = {(each.process_key, each.verdict, _said(each.remarks), each.meets): each.id for each in met}
    new, cases = [], []
    for each in found:
        remarks = [_stored(remark) for remark in each.remarks]
        key = (each.process_key, each.verdict, _said(remarks), each.meets)
        if key not in kinds:
            kinds[key] = engine.ids.new()
            new.append({
                "id": kinds[key], "authority_id": row.authority_id, "rehearsal_id": row.id, "number": len(kinds),
                "process_key": each.process_key, "verdict": each.verdict, "remarks": remarks, "meets": each.meets,
                "targets": {},
            })  # fmt: skip
        cases.append({
            "id": engine.ids.new(), "authority_id": row.authority_id, "kind_id": kinds[key], "case_id": each.case_id,
            "instance_id": each.instance_id, "choice": "", "targets": {}, "chosen_by": None,
        })  # fmt: skip
    rehearsals.insert_kinds(connection, new)
    rehearsals.insert_cases(connection, cases)


def _said(remarks: Any) -> tuple[tuple[str, str], ...]:
    return tuple((each["element"], each["said"]) for each in remarks)


def _stored(remark: Remark) -> dict[str, Any]:
    """Return a remark as it is kept; one to decide with all steps that may be meant, the likely ones first."""
    kept: dict[str, Any] = {"kind": remark.kind, "element": remark.element_id, "said": remark.said}
    if remark.kind == "decide":
        kept |= {"process": remark.process_key, "options": [list(option) for option in remark.options]}
    return kept
