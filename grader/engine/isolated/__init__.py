"""An engine for the work of a stranger: made for one submission, reached through one pipe, thrown away with all in it."""
