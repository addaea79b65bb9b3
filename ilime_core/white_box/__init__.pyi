from ilime_core.white_box.registry import WHITE_BOX as WHITE_BOX
from ilime_core.white_box.text_gates import gate_words as gate_words
from ilime_core.white_box.tower_checks import check_white_box as check_white_box
