"""The demo caseload: two hundred invented cases at every stage, simulated up to now through the real engine."""

from engine.demo.loading import load
from engine.simulation.workforce import SIGN_INS, SignIn

__all__ = ["SIGN_INS", "SignIn", "load"]
