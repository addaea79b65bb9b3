"""The Prefect engine of one execution: server process, settings, profile, clients and their watch.

Used by runners and flow runs; the only wing that sets Prefect's environment.

What ilime uses of Prefect beyond its documented interface, to be looked at before its version is raised:

- ``PrefectHttpxSyncClient`` and ``PrefectHttpxAsyncClient``: ``__init__`` and ``_send_with_retry`` are
  replaced for the time of a run (`flows.engine.prefect_clients`);
- loggers ``prefect._internal.concurrency``, ``prefect.events`` and ``prefect.client``, which are silenced
  where the server is lost (`flows.engine.prefect_clients`);
- ``EventsWorker``: ``instance``, ``wait_until_empty``, ``set_client_override``; ``APILogWorker`` and
  ``set_api_log_sink``; ``NullEventsClient`` (`flows.engine`, `flows.flow_runs.history`);
- ``prefect.server.api.server.create_app`` and ``prefect.logging.configuration.setup_logging``
  (`flows.engine.server_process`, `flows.engine.prefect_settings`);
- ``prefect.results.ResultRecord``, and ``wrapped_future`` of the futures of Dask and Ray
  (`flows.runners.pool`).
"""
