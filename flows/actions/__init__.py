"""Bodies of the commands, one file a command, named after it: used by `flows.commands` and by deployments."""
