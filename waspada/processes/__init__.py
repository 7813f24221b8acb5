"""The processes of an installation: their signs of life, what waits, and whether it can be used."""
