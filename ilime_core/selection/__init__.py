"""Which few segments carry a match, which decide it, and how a score answers as one of them fades in."""
