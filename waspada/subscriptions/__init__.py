"""Who gets digests, how they are asked and let go, and what each of them was sent."""
