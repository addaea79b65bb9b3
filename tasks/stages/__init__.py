"""Stages of a run, a file or a folder each: read inputs, call the core, write one block of tables.

Called by runners with a block's number; a stage never calls another one.
"""
