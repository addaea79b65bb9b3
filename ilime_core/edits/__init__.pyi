from ilime_core.edits.caption import EditableCaption as EditableCaption
from ilime_core.edits.caption import Edited as Edited
from ilime_core.edits.registry import EDITS as EDITS
