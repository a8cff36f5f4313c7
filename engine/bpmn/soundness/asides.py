"""Reminders and the like: what begins beside a process and never meets the rest of it is played by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from engine.bpmn.soundness.step import Step, closure


def set_aside(steps: Sequence[Step], starts: Iterable[int]) -> tuple[int, ...]:
    """Part from their hosts the events that only begin something beside them, such as a reminder; return them.

    What it begins neither meets the rest of the process nor ends it, so it is played by itself: together, so many
    reminders that may have come or not would make more ways that things can stand than anybody can look at.
    """
    events = [step for step in steps if step.host is not None and not step.interrupts]
    onward = {step.number: _onward(step) for step in steps}
    apart = {event.number: closure((event.number,), onward) for event in events}
    heard = {step.name for step in steps if step.event == "message" and not step.throws}
    held = closure(starts, {**onward, **{step.number: _without_asides(steps, step) for step in steps}})
    matters = {step.number for step in steps if _matters(step, heard)}
    while mixed := [event for event, begun in apart.items() if begun & (held | matters)]:
        for each in mixed:
            held |= apart.pop(each)
    for step in steps:
        step.aside = tuple(event for event in step.boundaries if event in apart)
        step.boundaries = tuple(event for event in step.boundaries if event not in apart)
    return tuple(sorted(apart))


def _onward(step: Step) -> tuple[int, ...]:
    inner = () if step.inner is None else (step.inner,)
    return (*(way.target for way in step.ways), *step.boundaries, *inner)


def _without_asides(steps: Sequence[Step], step: Step) -> tuple[int, ...]:
    return tuple(at for at in _onward(step) if steps[at].host is None or steps[at].interrupts)


def _matters(step: Step, heard: Collection[str | None]) -> bool:
    """Say whether a step may end, stop or wait for something elsewhere in the process."""
    thrown = step.throws and (step.event in ("error", "escalation") or (step.event == "message" and step.name in heard))
    return thrown or step.event == "terminate" or step.joins
