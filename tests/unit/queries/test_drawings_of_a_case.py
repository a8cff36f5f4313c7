"""Which diagram of a case is shown: where the work is now, then the others, each saying where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from engine.queries.case_where import CalledView, InstanceView, Step, drawings

ONE = UUID(int=1)
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def here(*names: str) -> tuple[Step, ...]:
    return tuple(Step(name, name.replace("_", " "), True, False) for name in names)


def called(key: str, *names: str, calls: tuple[str, ...] = ()) -> CalledView:
    return CalledView(
        definition_id=ONE, process_key=key, name=key, current=here(*calls, *names), at=here(*names), done=(), steps=()
    )


def process(key: str, *names: str, inner: tuple[CalledView, ...] = (), ended: bool = False) -> InstanceView:
    """Return a process whose steps are named as the engine does: those of called diagrams among its own."""
    flat = here(*names, *(step.element_id for each in inner for step in each.current))
    calls = {each.process_key for each in inner}
    return InstanceView(
        instance_id=ONE, definition_id=ONE, process_key=key, name=key, started_at=BEGAN, ended=ended, ended_at=None,
        end="", current=flat, at=tuple(step for step in flat if step.element_id not in calls), done=(), steps=(),
        called=inner,
    )  # fmt: skip


EPISODE = process("episode", "deliver", inner=(called("deliver", calls=("review",)), called("review", "hold_review")))
HANDOVER = process("handover", "answer")
OVER = process("concern", "answer_again", ended=True)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        (["answer", "hold_review"], "handover"),
        (["hold_review", "answer"], "review"),
        (["not_drawn", "hold_review"], "review"),
        ([], "review"),
    ],
)
def test_the_diagram_of_the_most_pressing_task_comes_first(asked: list[str], first: str) -> None:
    found = drawings([HANDOVER, EPISODE, OVER], asked)
    assert found[0].name == first
    assert {each.name for each in found} == {"handover", "episode", "deliver", "review"}
    assert len(found) == 4


def test_while_nobody_is_asked_the_innermost_of_what_began_first_is_shown() -> None:
    assert [each.name for each in drawings([EPISODE], [])] == ["review", "episode", "deliver"]


def test_each_says_where_it_stands_or_what_it_calls() -> None:
    said = {
        each.name: (each.inside, [step.element_id for step in each.at], [step.element_id for step in each.calls])
        for each in drawings([EPISODE], [])
    }
    assert said == {
        "episode": ("", [], ["deliver"]),
        "deliver": ("episode", [], ["review"]),
        "review": ("episode", ["hold_review"], []),
    }


def test_a_case_at_rest_has_no_drawing() -> None:
    assert drawings([OVER], ["answer_again"]) == ()
