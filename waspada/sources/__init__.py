"""Sources: where items come from, and when each is asked again."""
