"""Image files: loading ahead of the device, faults, and the mean colour of a dataset.

Used by formats, stages and figures.
"""
