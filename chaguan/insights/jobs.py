"""Scheduled work: the copy and the health of all communities."""
