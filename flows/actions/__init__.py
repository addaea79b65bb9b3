"""Bodies of the commands, a file each, named after its command.

Called by `flows.commands`, which imports them late so that --help is quick.
"""
