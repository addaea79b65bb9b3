"""Every touch of the outside world, thin around ``ilime_core``: spec, tables, storage, corpora, stages and
report.

docs/architecture.md lists the wings from the ground up; a wing imports only wings below it.
"""
