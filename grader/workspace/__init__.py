"""A learner's folder of one exercise: putting the starter back, comparing it with the solution, seeing that it changed."""
