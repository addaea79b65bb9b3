"""One execution in order: session, stages of the pipeline, outcome and tally of counts.

Used by flow runs and by `flows.execution`.
"""
