"""The stages of an item's way, each idempotent and restartable: what is to do stands in the database."""
