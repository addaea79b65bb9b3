"""Figures: a picture a file, drawn from frozen records that are read once.

Used by the report and by `ilime show` and `ilime pair`.
"""
