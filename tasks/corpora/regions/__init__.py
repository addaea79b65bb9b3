"""Given regions of images: COCO instances and panoptic maps, object maps, named spans.

Used by planning and stage segment.
"""
