"""Files of one run: names, plan, Parquet parts, commit records, executions, seals and garbage collection.

Used by runs, planning and stages; a reader of results uses `tasks.runs`.
"""
