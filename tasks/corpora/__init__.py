"""Corpora: formats of annotations and images, and how they are listed and opened.

Used by the spec, which holds its section against `registry.FORMATS`, and by planning and stages through
`registry.open_corpus` and `registry.open_images`.
"""
