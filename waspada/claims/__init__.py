"""Claims: an index of fact-checks, and the items that repeat or refute one."""
