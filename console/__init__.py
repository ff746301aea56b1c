"""Staff Console: the one screen that replaces three browser tabs."""

__version__ = "0.1.0"
