from ilime_core.encoding.encoded import ItemEmbeddings as ItemEmbeddings
from ilime_core.encoding.encoded import MaskedImage as MaskedImage
from ilime_core.encoding.encoded import MaskedTexts as MaskedTexts
from ilime_core.encoding.images import encode_images as encode_images
from ilime_core.encoding.images import encode_masked_images as encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts as encode_masked_texts
from ilime_core.encoding.texts import encode_texts as encode_texts
