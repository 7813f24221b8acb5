"""Waspada: media early warning for Indonesian regions."""

__version__ = "0.1.0"
