"""Plain values that every other part may use; nothing here imports from the package."""
