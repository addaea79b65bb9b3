"""Prefect flows and what they leave behind: events, assets, artifacts, history and conclusion.

Used by `flows.execution` and by deployments.
"""
