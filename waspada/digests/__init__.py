"""Digests: one short message a day about an area, right at the moment it is written."""
