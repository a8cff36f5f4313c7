"""Rules that are not in force, tried out on the caseload: whom they would escalate, and whom no longer.

Begin with `trials.try_out`, which reads; nothing here changes anything. Who may see what of it is for `engine.queries`.
"""

from engine.whatif.drafts import DraftRefused
from engine.whatif.figures import Figures, LevelFigure, RowFigure
from engine.whatif.trials import CaseDifference, RulesInForce, Trial, try_out

__all__ = [
    "CaseDifference",
    "DraftRefused",
    "Figures",
    "LevelFigure",
    "RowFigure",
    "RulesInForce",
    "Trial",
    "try_out",
]  # fmt: skip
