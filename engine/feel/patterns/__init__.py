"""Regular expressions as XPath writes them, matched without catastrophic backtracking.

Our own small engine instead of Python's `re`, which has no time limit. A pattern without back-references
visits each choice at most once for each place in the text; one with them is stopped by the step limit.
"""

from engine.feel.patterns.matcher import Match, find_all, search
from engine.feel.patterns.program import Program, compile_pattern
from engine.feel.patterns.syntax import PatternError

__all__ = ["Match", "PatternError", "Program", "compile_pattern", "find_all", "search"]
