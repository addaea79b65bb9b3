from ilime_core.pictures.decoding import ImageLimits as ImageLimits
from ilime_core.pictures.decoding import OpenedImage as OpenedImage
from ilime_core.pictures.decoding import label_map_from_png as label_map_from_png
from ilime_core.pictures.decoding import label_map_png as label_map_png
from ilime_core.pictures.decoding import open_image as open_image
from ilime_core.pictures.decoding import turned_upright as turned_upright
