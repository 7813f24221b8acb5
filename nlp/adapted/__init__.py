"""New heads on a known model: what its readers' answers add to what it says."""
