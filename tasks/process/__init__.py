"""Resources that a process loads once for all its blocks: models, scorers, allocator, worker facts.

Used by planning, stages and runners.
"""
