"""The commands of `caf`, one module for each kind of work."""
