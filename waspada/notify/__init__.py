"""When somebody is interrupted by an alert, and what is held back instead. Delivery itself is other work."""
