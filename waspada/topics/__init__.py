"""Topics of a region's own: what a desk wants to find beside the eight labels."""
