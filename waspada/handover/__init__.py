"""What one shift of a desk leaves to the next: how things stand, a note, and who took over."""
