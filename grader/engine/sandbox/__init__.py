"""A nested engine for a learner's commands."""
