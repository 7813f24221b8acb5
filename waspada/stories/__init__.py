"""Stories: items about one event, found by copied words or by like content at the same place and time."""
