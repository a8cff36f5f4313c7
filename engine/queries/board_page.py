"""The page of the overdue board: the board with what may be chosen on it, and what else a manager has to know of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import board_choices, limit_changes, managed_actions, overdue, overlaps
from engine.queries.board_choices import Choices
from engine.queries.choice import Choice
from engine.queries.limit_changes import LimitChange
from engine.queries.managed_actions import ManagedAction
from engine.queries.overdue import Board
from engine.queries.overlaps import Overlap
from engine.queries.view import viewing


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Everything on the page, as of one reading; `narrowed` says what was chosen that `offered` does not show."""

    board: Board
    offered: Choices
    narrowed: tuple[str, ...]
    twice: tuple[Overlap, ...]
    managed: tuple[ManagedAction, ...]
    limits: tuple[LimitChange, ...]


def read(engine: ProcessEngine, *, actor: Actor, choice: Choice, page: int = 1) -> BoardPage:
    """Return the page of a choice. Raises `NotPermitted` for roles without a board, `Invalid` for no such page."""
    with viewing(engine, actor) as view:
        return BoardPage(
            board=overdue.board_in(view, choice, page=page),
            offered=board_choices.offered_in(view, choice),
            narrowed=board_choices.narrowed_in(view, choice),
            twice=overlaps.board_in(view),
            managed=managed_actions.late_in(view),
            limits=limit_changes.lately_in(view),
        )
