"""Backups of the embedded database, and bringing one back without bringing back what was erased."""
