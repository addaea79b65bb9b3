"""Storage of keys below a root, local or S3: the one place where files are opened and S3 keys are made."""
