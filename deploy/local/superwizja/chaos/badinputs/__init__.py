"""Bad inputs: requests and records that nobody should send, made from sound ones, and what became of them."""
