"""Commands, reads and the public page over HTTP: parse, authorise, one use case, answer."""
