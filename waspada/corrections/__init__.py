"""Requests from outside: to correct or erase something, or an objection; recorded by the desk, decided by an admin."""
