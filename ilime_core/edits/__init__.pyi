from ilime_core.edits.caption import Caption as Caption
from ilime_core.edits.caption import Edited as Edited
from ilime_core.edits.registry import EDITS as EDITS
