"""Measurements and trainings that need data which does not ship. Each is run as `python -m benchmarks.NAME`."""
