"""Honest public-health profiles of municipalities from open official statistics."""

__version__ = "0.1.0"
