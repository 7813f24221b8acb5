"""Programs elsewhere that are told of alerts: signed, stored, tried again, and never before a person verified."""
