"""A learner's compose stack and its services."""
