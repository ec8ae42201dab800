"""Text in, advice out: what a program's last words mean to a beginner. Pure functions; nothing here talks to the engine."""
