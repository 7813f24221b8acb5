"""Alerts: which stories deserve one, how they are ranked, and what people do with them."""
