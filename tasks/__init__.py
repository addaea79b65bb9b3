"""Every touch of the outside world, thin around ``ilime_core``: spec, storage, tables, corpora, stages, reports.

docs/architecture.md lists the wings from the ground up; a wing imports only wings below it.
"""
