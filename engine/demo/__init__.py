"""A small demo caseload: invented people and children, played through the real engine up to today."""

from engine.demo.loading import SIGN_INS, SignIn, load

__all__ = ["SIGN_INS", "SignIn", "load"]
