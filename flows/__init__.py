"""Order of the stages, runners of their blocks, and the command line."""
