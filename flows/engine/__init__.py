"""The Prefect engine of one execution: server process, settings, profile, clients and their watch."""
