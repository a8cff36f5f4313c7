"""Case work for children's services: processes, rules, timers and records. No Flask, no HTTP."""
