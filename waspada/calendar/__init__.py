"""The stage calendar of elections: editable data, and how close a day is to a vote."""

from waspada.calendar.policy import closeness
from waspada.calendar.stages import Stage, load_stages

__all__ = ["Stage", "closeness", "load_stages"]
