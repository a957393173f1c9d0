"""Metrics for Prometheus: ``counting`` counts what happens, ``reading`` reads how things stand, ``answering`` tells both.

Counted in memory, or, where ``clinic.server`` has made a folder for it, in files that all its processes share, so that each
of them can answer for all. No label has an id or a name of a person.
"""

from clinic.operations.metrics.answering import install, serve

__all__ = ["install", "serve"]
