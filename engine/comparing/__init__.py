"""What changed between two texts of a diagram, rules or a form, in plain words; pure."""
