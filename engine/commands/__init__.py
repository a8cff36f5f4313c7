"""What people and timers do: one function, one act, one transaction. Commands never call commands."""
