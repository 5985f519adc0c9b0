"""Decides what happened in supervision: cycles, contracts, sessions, attendance, conclusions and their consents."""
