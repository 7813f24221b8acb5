"""Banjarese, the language of the pilot region, read in Indonesian words."""
