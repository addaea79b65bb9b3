"""The explorer: a static site of a whole run that a browser draws from data files.

Used by the commands ``report`` and ``demo``. Reads views of `tasks.query` and tables of the run.
"""
