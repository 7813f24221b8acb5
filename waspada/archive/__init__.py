"""The archive of raw pages: what the desk read, byte for byte, for as long as the operator switched it on for."""
