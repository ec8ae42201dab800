"""What is on the learner's own engine now, as the observer sees it; looked at, never changed."""
