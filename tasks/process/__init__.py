"""What a process holds once for all its blocks: models, scorers, allocator and facts of the worker."""
