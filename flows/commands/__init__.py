"""One command a module; heavy imports stay inside the functions, so that ``--help`` is quick."""
