"""On which channels accounts of this product want to be called. Nothing here is about persons in content."""
