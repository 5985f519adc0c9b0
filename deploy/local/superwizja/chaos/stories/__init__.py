"""What the load plays, again and again: courses of supervision, trainings, and issues that freeze meanwhile."""
