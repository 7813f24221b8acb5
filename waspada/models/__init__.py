"""Models of this installation: which there are, which one reads, and how that changes."""
