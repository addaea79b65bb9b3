"""Storage below one root, a folder or a bucket: the one place where files are opened and S3 keys are made.

Used by every wing of tasks that reads or writes; flows get a `Storage` from here and open nothing.
"""
