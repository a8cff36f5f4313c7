"""A year of a caseload in minutes: pretend people on a fake clock, at work in the real engine.

Begin with `behaviours`, which says how people behave and is what a council would change; `loop` is the day's round.
"""

from engine.simulation.behaviours import DEFAULT, Behaviours
from engine.simulation.behaviours_file import read_behaviours
from engine.simulation.comparison import IN_FORCE, Comparison, Played, played
from engine.simulation.plans import Plan
from engine.simulation.playing import ENDS_ON, clock_for, evening_of, play, play_on
from engine.simulation.report import page
from engine.simulation.summary import Summary
from engine.simulation.workforce import SIGN_INS, SignIn

__all__ = [
    "DEFAULT", "ENDS_ON", "IN_FORCE", "SIGN_INS", "Behaviours", "Comparison", "Plan", "Played", "SignIn", "Summary",
    "clock_for", "evening_of", "page", "play", "play_on", "played", "read_behaviours",
]  # fmt: skip
