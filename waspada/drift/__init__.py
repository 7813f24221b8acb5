"""Drift: how a month differs from the months before it, and the monthly report of the model in use."""
