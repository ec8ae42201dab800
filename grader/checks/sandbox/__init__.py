"""What a learner's commands did to an engine of their own."""
