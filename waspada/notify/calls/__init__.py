"""Calls: a ready notice becomes a message to who is on duty, and goes on to the next one while nobody answers."""
