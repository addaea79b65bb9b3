"""What a run found, for people: a static site and lines for the terminal."""
