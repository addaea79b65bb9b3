"""The Prefect engine of one execution: server process, settings, profile, clients and their watch.

Used by runners and flow runs; the only wing that sets Prefect's environment.
"""
