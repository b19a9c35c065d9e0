"""Run by the packaged program before anything else.

WORKAROUND: pyqtgraph imports QtOpenGL and QtOpenGLWidgets for curves drawn by OpenGL, even where they are not. They
are 10 MB that this program never uses; empty modules take their place.
"""

import sys
from types import ModuleType

for name in ("QtOpenGL", "QtOpenGLWidgets"):
    module = ModuleType(f"PySide6.{name}")
    module.QOpenGLWidget = type("QOpenGLWidget", (), {})  # a base class in pyqtgraph
    sys.modules[module.__name__] = module
