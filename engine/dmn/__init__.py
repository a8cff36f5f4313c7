"""DMN: read decision files, answer decisions, and say which rows gave the answer. Pure; FEEL is the only language."""

from engine.dmn.model import Decision, DecisionModel
from engine.dmn.reader import read_model
from engine.dmn.results import DecisionResult, MatchedRow
from engine.dmn.turning_points import TurningPoints

__all__ = ["Decision", "DecisionModel", "DecisionResult", "MatchedRow", "TurningPoints", "read_model"]
