"""From an exercise and a submission to a report, one flow for every surface.

The only room where an exception becomes an outcome.
"""
