"""Views in people's words, one or few by module; `tasks.query.registry` lists them."""
