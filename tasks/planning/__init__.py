"""The plan of a run: blocks, reuse of earlier runs, and checks before anything is computed.

Used by stages and by whatever starts a run.
"""
