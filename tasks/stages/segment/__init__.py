"""Stage segment: regions of images and words of texts."""
