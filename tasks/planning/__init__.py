"""The plan of a run: blocks, reuse of earlier runs, and checks before anything is computed."""
