"""The stage calendar of elections: editable data, and what a day counts as in it."""

from waspada.calendar.policy import BETWEEN_ELECTIONS, StageNow, stage_at
from waspada.calendar.stages import Stage, load_stages

__all__ = ["BETWEEN_ELECTIONS", "Stage", "StageNow", "load_stages", "stage_at"]
