"""Coverage-guided fuzzing of whatever reads a stranger's bytes; `python -m fuzz` runs it."""
