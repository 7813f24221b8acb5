"""Institutions outside the team that reports may go to, and the permissions that some of them need."""
