"""Searches for words in items, by analysts, for a purpose that stands in the audit log. Nothing of them is kept."""
