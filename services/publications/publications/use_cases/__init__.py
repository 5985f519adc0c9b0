"""What the service can be asked to do: load, decide, record. The caller owns the transaction.

Locks: an issue's row first (several in the order of their ids), then its articles in the order of theirs.
"""
