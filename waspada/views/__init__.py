"""Saved views of the alert list: made of region, label, level, state, time and topic, never of words (rule 9)."""
