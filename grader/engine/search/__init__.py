"""A file is found by what it holds: pure bytes in, where a text stands out; nothing here talks to Docker."""
