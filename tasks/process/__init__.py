"""What a process loads once for all its blocks: models, scorers, allocator and facts of the worker.

Used by planning, stages and runners.
"""
