"""Image files: safe decoding, loading ahead of the device, faults, and the colour of a dataset."""
