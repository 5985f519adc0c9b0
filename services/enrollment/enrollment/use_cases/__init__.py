"""What the service can be asked to do, by noun: load, decide, record. The caller owns the transaction."""
