"""Files of one run: names, plan, Parquet parts, commit records, executions, seals and garbage collection."""
