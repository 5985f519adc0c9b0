"""How fast the platform is, as ratios to floors and peers that are measured in the same run."""
