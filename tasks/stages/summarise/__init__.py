"""Stage summarise: factors, means and word tables of the whole benchmark."""
