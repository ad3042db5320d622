"""Chaguan 茶馆: runs communities end to end."""
