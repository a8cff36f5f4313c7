"""A diagram played with pretend people: step by step, through weeks in seconds, on the real engine in a sandbox.

Begin with `plays`: a play is its steps (`engine.scenario_files`), taken on a stage (`stages`). A scenario is a play
that is kept, and tried again on what it is about.
"""
