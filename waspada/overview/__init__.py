"""The desk at a glance: alerts and coverage by region (the map) and by day (the time line)."""
