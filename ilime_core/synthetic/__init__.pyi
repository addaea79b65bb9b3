from ilime_core.synthetic.planted import AdditiveTower as AdditiveTower
from ilime_core.synthetic.planted import AttentionTower as AttentionTower
from ilime_core.synthetic.planted import BilinearPlanted as BilinearPlanted
from ilime_core.synthetic.planted import PlantedTower as PlantedTower
from ilime_core.synthetic.planted import TanhTower as TanhTower
from ilime_core.synthetic.scenes import Scene as Scene
from ilime_core.synthetic.scenes import draw_scene as draw_scene
from ilime_core.synthetic.scenes import render as render
