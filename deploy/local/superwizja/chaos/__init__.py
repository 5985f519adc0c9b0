"""Faults on purpose against a whole platform, and the oracle that judges what they left."""
