"""momentum-gui: see how gradient descent, momentum and their relatives move."""

__version__ = "0.1.0"
