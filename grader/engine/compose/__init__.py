"""A compose stack: what it asks for, whether it may, and running it."""
