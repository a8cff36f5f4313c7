"""`caf whatif`: rules that are not in force, tried out on the caseload; nothing in any case changes."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from engine.errors import Invalid
from engine.queries.whatif import CaseTold, TriedOut, try_rules_everywhere
from engine.whatif import DraftRefused, Figures
from web.cli.model_files import read_files, with_examples
from web.cli.opening import authority, opened
from web.words import paper_day

if TYPE_CHECKING:
    from engine.checking import Finding

KINDS: Final = {"new": "new", "gone": "no longer", "changed": "changed", "unjudged": "not judged"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BAR = 30
_WIDTH = 110
_NOTES = 5


def whatif(options: argparse.Namespace) -> int:
    """Try the files out and print what came of it. Raises `Invalid`."""
    files, on = read_files(with_examples(options.paths)), _day(options.on)
    with opened(options) as engine:
        named = authority(engine, options.authority) if options.authority else None
        try:
            done = try_rules_everywhere(
                engine, files=files, authority_id=named, on=on, rules_of_the_day=options.rules_of_the_day, say=_Bar()
            )
        except DraftRefused as refused:
            for finding in refused.findings:
                print(finding, file=sys.stderr)
            raise Invalid("nothing was tried out; mend what is listed above first") from refused
    if not done:
        raise Invalid("there is no authority yet; run `caf init` first")
    print(_as_json(done) if options.json else "\n\n".join("\n".join(_lines(each)) for each in done))
    return 0


def _as_json(done: Sequence[TriedOut]) -> str:
    """Say it as the API does; of several authorities as a list."""
    from web.api.described import schema_of

    told = [schema_of(TriedOut)().dump(each) for each in done]
    return json.dumps(told if len(told) > 1 else told[0], indent=2, ensure_ascii=False)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid(f"--on: {text} is not a day; write one like 2026-09-01")


class _Bar:
    """A bar that grows on a terminal; elsewhere a line for each tenth."""

    def __init__(self) -> None:
        self._tenth = 0

    def __call__(self, done: int, whole: int) -> None:
        """Say how far it has come."""
        part = done / whole if whole else 1.0
        said = f"caf whatif: {done:,} of {whole:,} cases"
        if sys.stderr.isatty():
            bar = "#" * round(part * _BAR)
            print(f"\r[{bar:<{_BAR}}] {said}", end="\n" if done >= whole else "", file=sys.stderr, flush=True)
        elif int(part * 10) > self._tenth or done >= whole:
            print(said, file=sys.stderr, flush=True)
        self._tenth = int(part * 10)


def _lines(found: TriedOut) -> Iterator[str]:
    trial, figures = found.trial, found.trial.figures
    when = f"as they stood at the end of {paper_day(trial.on)}" if trial.past else f"now, on {paper_day(trial.on)}"
    tried = ", ".join(trial.files)
    yield f"Tried out: {tried}, on {figures.cases:,} open cases of {found.authority}, {when}."
    yield f"Compared with: {', '.join(f'{each.file} version {each.version}' for each in trial.against)}."
    yield from trial.notes
    yield from _of_the_files(trial.notices)
    for role in found.approvals:
        yield f"Note: rows change that need the {role}'s approval before these files can be deployed."
    yield from ("", *_kinds(figures))
    if figures.same:
        yield from ("", "Nothing would be different for any case.")
        return
    yield ""
    levels = [(each.level, each.now, each.draft, each.new, each.gone) for each in figures.levels]
    yield from _table(("Level", "In force", "Draft", "New", "Gone"), levels)
    if figures.rows:
        yield ""
        rows = [
            (each.row, KINDS[each.kind], each.reason, _level(each.level_now, each.level_draft), each.cases)
            for each in figures.rows
        ]
        yield from _table(("Row", "What", "Reason", "Level", "Cases"), rows)
    yield ""
    for case in found.cases:
        yield "\n".join(textwrap.wrap(_told(case), _WIDTH, subsequent_indent="    ", break_long_words=False))


def _of_the_files(notices: Sequence[Finding]) -> Iterator[str]:
    """Say what is to be known of the files: of examples only how many, as mending them comes after trying."""
    unkept = len({(each.file, each.element_id) for each in notices if each.severity == "error"})
    other = [each for each in notices if each.severity != "error"]
    if unkept:
        yield (
            f"Note: {unkept} {'example comes' if unkept == 1 else 'examples come'} to something else, so these files "
            "cannot be deployed as they are; `caf decide FILE --examples` lists them."
        )
    yield from (f"Note: {finding}" for finding in other[:_NOTES])
    if len(other) > _NOTES:
        yield f"Note: {len(other) - _NOTES} more like these; `caf lint` and deploying list them all."


def _kinds(figures: Figures) -> Iterator[str]:
    yield f"{figures.first:>7,}  newly escalating: nothing is said of them now"
    yield f"{figures.more:>7,}  escalating for a further reason"
    yield f"{figures.changed:>7,}  escalating otherwise: to another level or person, with another process or reason"
    yield f"{figures.gone:>7,}  escalating less, {figures.quiet:,} of them not at all any more"
    yield f"{figures.unjudged:>7,}  that could not be judged"


def _level(now: str, draft: str) -> str:
    return f"{now} -> {draft}" if now and draft and now != draft else draft or now


def _told(case: CaseTold) -> str:
    row = case.draft or case.now
    if row is None:
        return f"{case.reference}  {case.how}: {case.said}"
    now, draft = case.now, case.draft
    level = _level(now.level if now else "", draft.level if draft else "")
    return f"{case.reference}  {case.how}, row {row.row}, {level}: {row.sentence}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> Iterator[str]:
    """Give the lines of a table; numbers stand to the right."""
    lines = [tuple(head), *(tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    numbers = [bool(rows) and isinstance(rows[0][column], int) for column in range(len(head))]
    for line in lines:
        cells = zip(line, widths, numbers, strict=True)
        yield "  ".join(cell.rjust(wide) if number else cell.ljust(wide) for cell, wide, number in cells).rstrip()
