"""Building a learner's image."""
