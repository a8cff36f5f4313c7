"""Which variables the processes of a deployment can have, and the expressions that read one nobody sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import combinations
from typing import Final, Self

from engine.bpmn.lint import Catalogue, Severity
from engine.bpmn.lint.names import Call, Deciding, ProcessNames, Use, Writer, process_names
from engine.casework.escalation import DECISION
from engine.casework.facts import FACT_NAMES
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import DecisionModel
from engine.dmn.tables import DecisionTable
from engine.forms import Form
from engine.forms.model import level, walk
from engine.operations.results import RESULTS
from engine.options import FACTS
from engine.ranking import SHOWN_AS
from engine.xml import parse_untrusted

STARTS: Final[Mapping[str, frozenset[str]]] = {
    "caf_episode": frozenset(),
    "consent_withdrawn": frozenset(),
    "safeguarding_concern": frozenset({"beside_plan", "concern", "immediate_danger"}),
    "stalled_plan": frozenset({"reasons"}),
}
"""What the engine gives to the processes that it starts by their key."""

ESCALATED: Final = frozenset({"reasons"})
"""What a process is given that escalation rules start."""

MESSAGES: Final[Mapping[str, frozenset[str]]] = {
    "interim_lead_named": frozenset({"cause"}),
    "interim_over": frozenset(),
    "lead_professional_left": frozenset(),
    "lead_professional_away": frozenset({"away_from"}),
    "led_again": frozenset(),
    "mag_consent_withdrawn": frozenset({"mag_consent"}),
    "meeting_called_off": frozenset({"family_came", "rebook_from"}),
    "other_caf_closed": frozenset(),
    "sharing_stopped": frozenset(),
    "successor_left": frozenset(),
}
"""What the messages hold that the engine itself sends."""

_ROWS: Final = ("dynamiclist", "group")
"""Answers of several parts: they are kept, and never become variables of a diagram."""
_FACTS: Final = frozenset(FACT_NAMES)
_LIKENESS: Final = 0.7


@dataclass(frozen=True, slots=True)
class Names:
    """The variables that can exist somewhere.

    `loose`: others may come from a place that is not known here. `unseen`: files are missing that would tell.
    """

    known: frozenset[str] = frozenset()
    loose: bool = False
    unseen: bool = False

    def __or__(self, other: Self) -> Names:
        """Return what can exist in either place."""
        return Names(self.known | other.known, self.loose or other.loose, self.unseen or other.unseen)


_LOOSE: Final = Names(loose=True)
_UNSEEN: Final = Names(unseen=True)


@dataclass(frozen=True, slots=True)
class Around:
    """What processes are checked against: forms and rules files by key.

    `whole`: all that is deployed is at hand, so that nothing else can be meant.
    """

    forms: Mapping[str, Form]
    rules: Mapping[str, DecisionModel]
    whole: bool

    def model(self, decision: str) -> DecisionModel | None:
        """Return the rules file that holds `decision`, None when it is not at hand."""
        return next((model for model in self.rules.values() if decision in model.decisions), None)

    def escalated(self) -> frozenset[str]:
        """Return the processes that escalation rules start."""
        model = self.model(DECISION)
        rows = model.constant_outputs(DECISION) if model else []
        return frozenset(str(cells["process"]) for _, cells in rows if cells.get("process"))


@dataclass(frozen=True, slots=True)
class Stray:
    """A name that nothing sets: where it is read, what the reader is told, and whether it refuses the file."""

    element_id: str
    what: str
    advice: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class _Read:
    """Names that an element reads of its process's variables; `after` is true for what it reads once it has run."""

    element_id: str
    what: str
    names: frozenset[str]
    after: bool


def _expressions(process: ProcessNames) -> Iterator[_Read]:
    for use in process.uses:
        if use.callee is None:
            names = use.names - use.local - (_FACTS if use.facts else frozenset())
            yield _Read(use.element_id, use.what, names, after=not use.facts)


class Naming:
    """The names of all processes of a deployment, worked out together: they call and tell each other."""

    def __init__(self, processes: Iterable[ProcessNames], around: Around) -> None:
        self._processes = {process.key: process for process in processes}
        self._around = around
        self._escalated = around.escalated()
        self._found = {key: self._own(process) for key, process in self._processes.items()}
        while (found := {key: self._with_others(key) for key in self._found}) != self._found:
            self._found = found

    def of(self, process: str) -> Names:
        """Return the variables that `process` can have."""
        return self._found.get(process, _LOOSE if self._around.whole else _UNSEEN)

    def strays(self, process: ProcessNames) -> Iterator[Stray]:
        """Yield the names that expressions of `process` read and that nothing sets."""
        for use in process.uses:
            names = self.of(use.callee or process.key)
            if not names.unseen:
                for name in sorted(use.names - names.known - use.local - (_FACTS if use.facts else frozenset())):
                    yield _stray(use, name, names, loose=names.loose and self._may_be_given(process, use))
        yield from self._unanswered(process)
        yield from self._too_early(process)
        yield from self._set_twice(process)

    def _may_be_given(self, process: ProcessNames, use: Use) -> bool:
        """Tell whether something of which nobody knows what it sets can have come before an expression."""
        if use.callee is not None or self._start(process).loose:
            return True
        anything = [writer.element_id for writer in process.writers if self._written(writer).loose]
        return any(process.order.may_precede(id_, use.element_id, itself=not use.facts) for id_ in anything)

    def _too_early(self, process: ProcessNames) -> Iterator[Stray]:
        """Yield the names that expressions and decisions read where nothing that sets them can have come before."""
        given = self._start(process)
        if given.loose or given.unseen:
            return
        written = [(writer, self._written(writer)) for writer in process.writers]
        anything = [writer for writer, names in written if names.loose or names.unseen]
        setting: dict[str, list[Writer]] = {}
        for writer, names in written:
            for name in names.known:
                setting.setdefault(name, []).append(writer)
        for read in (*_expressions(process), *self._decisions(process)):
            for name in sorted(read.names & setting.keys() - given.known):
                ids = [writer.element_id for writer in (*setting[name], *anything)]
                if not any(process.order.may_precede(id_, read.element_id, itself=read.after) for id_ in ids):
                    yield _early(read, name, setting[name][0])

    def _set_twice(self, process: ProcessNames) -> Iterator[Stray]:
        """Yield the names that two branches set beside each other and that are read after both."""
        readers: dict[str, list[str]] = {}
        for read in (*_expressions(process), *self._decisions(process)):
            for name in read.names:
                readers.setdefault(name, []).append(read.element_id)
        setting = [(writer, self._alone(writer).known & readers.keys()) for writer in process.writers]
        for (one, names), (other, others) in combinations([each for each in setting if each[1]], 2):
            for name in sorted(names & others):
                if any(process.order.race(one.element_id, other.element_id, to) for to in readers[name]):
                    yield _twice(one, other, name)

    def _unanswered(self, process: ProcessNames) -> Iterator[Stray]:
        """Yield the inputs that decisions of `process` ask for and that neither the case nor the diagram can give."""
        names = self.of(process.key)
        for task in () if names.unseen else process.decides:
            known = names.known | task.local | _FACTS
            for name in sorted(self._inputs(task) - known):
                where = self._where(task, name)
                asks = f'the decision {task.decision} asks for "{name}"{where}'
                what = f"{asks}, which is no fact of the case and no variable"
                yield Stray(task.element_id, what, _advice(name, known), "notice" if names.loose else "error")

    def _decisions(self, process: ProcessNames) -> Iterator[_Read]:
        for task in process.decides:
            names = self._inputs(task) - task.local - _FACTS
            yield _Read(task.element_id, f"the inputs of the decision {task.decision}", names, after=False)

    def _inputs(self, task: Deciding) -> frozenset[str]:
        """Return what the decision of `task` asks for by a name of its own."""
        model = self._around.model(task.decision)
        needed = model.decision(task.decision).inputs_needed if model else frozenset()
        return frozenset(name for name in needed if "." not in name)

    def _where(self, task: Deciding, name: str) -> str:
        """Return in words which rows of the table that a decision is answer with a name, "" when none does."""
        model = self._around.model(task.decision)
        table = model.decision(task.decision).logic if model else None
        rules = table.rules if isinstance(table, DecisionTable) else ()
        rows = [str(number) for number, rule in enumerate(rules, 1) if name in rule.reads]
        if not rows:
            return ""
        return f" in what rows {', '.join(rows)} answer" if len(rows) > 1 else f" in what row {rows[0]} answers"

    def form_strays(self, form: Form) -> Iterator[Stray]:
        """Yield the names that conditions and computed parts of `form` read: no question's, and no variable's."""
        own = frozenset(each.key for each in walk(form.fields) if each.key)
        strange = form.names_used - own - {SHOWN_AS} - FACTS
        if not strange:
            return
        asked = [*self._asked(form.key)]
        if asked and any(names.unseen for names in asked) or not (asked or self._around.whole):
            return
        loose = any(names.loose for names in asked)
        for name in sorted(strange):
            if not asked or any(name not in names.known for names in asked):
                what = f'"{name}" is no question of this form, and no variable of a diagram that uses it'
                yield Stray(form.key, what, _advice(name, own), "notice" if loose else "error")

    def _asked(self, form: str) -> Iterator[Names]:
        for key, process in self._processes.items():
            for asking in process.asks:
                if asking.form == form:
                    yield self._found[key] | Names(asking.local)

    def _own(self, process: ProcessNames) -> Names:
        """Return what a process can have without the others: from its people, operations and decisions."""
        names = Names()
        for writer in process.writers:
            names |= self._alone(writer)
        return names

    def _alone(self, writer: Writer) -> Names:
        """Return what an element sets without the other processes."""
        names = Names(writer.sets)
        if writer.asks:
            names |= self._answers(writer.form)
        if writer.operation is not None:
            names |= Names(RESULTS[writer.operation]) if writer.operation in RESULTS else _LOOSE
        if writer.spread is not None:
            names |= self._outputs(writer.spread)
        return names

    def _written(self, writer: Writer) -> Names:
        """Return all that an element may set."""
        names = self._alone(writer)
        for message in writer.caught:
            names |= self._payload(message)
        return names if writer.called is None else names | self.of(writer.called)

    def _answers(self, key: str | None) -> Names:
        if key is None:
            return _LOOSE
        form = self._around.forms.get(key)
        if form is None:
            return _UNSEEN
        return Names(frozenset(each.key for each in level(form.fields) if each.kind not in _ROWS))

    def _outputs(self, decision: str) -> Names:
        model = self._around.model(decision)
        if model is None:
            return _UNSEEN
        table = model.decision(decision).logic
        return Names(frozenset(table.outputs)) if isinstance(table, DecisionTable) else _LOOSE

    def _with_others(self, key: str) -> Names:
        process = self._processes[key]
        names = self._found[key] | self._start(process)
        for writer in process.writers:
            if writer.caught or writer.called is not None:
                names |= self._written(writer)
        return names

    def _start(self, process: ProcessNames) -> Names:
        calls = [(caller, call) for caller, call in self._calls() if call.callee == process.key]
        names = Names(STARTS.get(process.key, frozenset()))
        if process.key in self._escalated:
            names |= Names(ESCALATED)
        for caller, call in calls:
            names |= Names(call.into)
            if call.all_in:
                names |= self._found[caller] | Names(call.local)
        ways = calls or process.started_by_people or process.starts
        known = process.key in STARTS or process.key in self._escalated
        return names if ways or known else names | _LOOSE

    def _calls(self) -> Iterator[tuple[str, Call]]:
        for key, process in self._processes.items():
            for call in process.calls:
                yield key, call

    def _payload(self, message: str) -> Names:
        thrown = [
            self._found[key] | Names(local)
            for key, process in self._processes.items() for name, local in process.thrown if name == message
        ]  # fmt: skip
        names = Names(MESSAGES.get(message, frozenset()))
        for each in thrown:
            names |= each
        return names if thrown or message in MESSAGES else names | _LOOSE


def names_in(sources: Mapping[str, bytes]) -> Iterator[ProcessNames]:
    """Yield the names of processes that were deployed before; `sources` holds their files by process."""
    for key, source in sorted(sources.items()):
        yield from _names_of(key, source)


@lru_cache(maxsize=256)
def _names_of(key: str, source: bytes) -> tuple[ProcessNames, ...]:
    """Read a file once for all that is checked beside it later."""
    catalogue = Catalogue(functions=HOST_FUNCTIONS)
    found = process_names(parse_untrusted(source, key), name=key, catalogue=catalogue)
    return tuple(each for each in found if each.key == key)


def _stray(use: Use, name: str, names: Names, *, loose: bool) -> Stray:
    where = f"the process {use.callee}" if use.callee else "this diagram"
    what = f'{use.what}: "{name}" is set by nothing in {where}'
    if name in _FACTS:
        advice = "only who is asked, by when, and decisions see the case's facts; let a decision or operation set it"
    else:
        advice = _advice(name, names.known | use.local)
    return Stray(use.element_id, what, advice, "notice" if loose else "error")


def _early(read: _Read, name: str, writer: Writer) -> Stray:
    what = f'{read.what}: "{name}" is not set yet there: “{writer.name}” sets it, and no way leads from there to here'
    return Stray(read.element_id, what, "read it after that, or let something before set it", "error")


def _twice(one: Writer, other: Writer, name: str) -> Stray:
    what = f'it sets "{name}", and so does “{other.name}” on a branch beside it: whichever is done last stays'
    return Stray(one.element_id, what, "give one of them another name, or draw one after the other", "notice")


def _advice(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=_LIKENESS)
    return f'did you mean "{near[0]}"?' if near else "let a form, a decision, an operation or a mapping set it"
