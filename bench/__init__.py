"""What the service must reach, measured: `make bench`, or `python -m bench --help`. Never timed tests."""
