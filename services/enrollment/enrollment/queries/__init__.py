"""Reads by noun: SQL straight to response models."""

from enrollment.queries import figures, groups, people, programmes

__all__ = ["figures", "groups", "people", "programmes"]
