"""The corpus format of Parquet tables: rows, columns, splits, paths and image cells.

Opened through `tasks.corpora` only.
"""
