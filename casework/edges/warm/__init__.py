"""Notebooks executed in children forked from a process that has imported everything already."""
