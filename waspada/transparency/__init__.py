"""The monthly transparency report: what a desk watched, found, got wrong, passed on and erased. Counts, no persons."""
