"""What a reader sees of a run: pure functions of a Report, one module for each form."""
