"""Version 1 of the JSON API. Within a version, fields are only ever added."""
