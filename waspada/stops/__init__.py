"""The switch that stops collection: of everything, of one source, or of the sources at home in a region."""
