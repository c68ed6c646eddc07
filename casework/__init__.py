"""A training and quality-assurance workbench for case manager assistants."""

__version__ = "0.1.0"
