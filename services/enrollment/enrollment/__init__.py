"""Decides who takes part: programmes, centres, workers, groups, applications, seats and leaders."""
