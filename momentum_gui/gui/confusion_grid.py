"""What every racer's network takes the test set for: confusion matrices side by side."""

from PySide6.QtGui import QIcon, QResizeEvent

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.confusion_view import Matrix
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.tile_grid import Tile, TileGrid


class ConfusionTile(Tile):
    """One racer's confusion matrix of the test set."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.matrix = Matrix(look)
        self.matrix.setParent(self)
        self.matrix.setMinimumSize(0, 0)

    def restyle(self, icon: QIcon) -> None:
        super().restyle(icon)
        self.matrix.update()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.matrix.setGeometry(self.area.toRect().adjusted(SPACE // 2, SPACE // 2, -SPACE // 2, -SPACE // 2))


class ConfusionGrid(TileGrid[ConfusionTile]):
    """Every racer's confusion matrix, from its newest evaluation at or before a step."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ConfusionTile)
        self._data: Dataset | None = None
        self._shown: dict[int, tuple[NetworkRun, int]] = {}

    def show_simulation(self, simulation: Simulation, data: Dataset) -> None:
        """Other runs."""
        self._data, self._shown = data, {}
        self.show_racers(simulation)

    def show_step(self, step: int) -> None:
        """Show the evaluations of ``step``; one that is shown already costs nothing."""
        if self._simulation is None or self._data is None:
            return
        for index, tile in self.tiles.items():
            run = self._simulation.runs[index]
            assert isinstance(run, NetworkRun)
            at = run.evaluated_at(min(step, run.count - 1))
            if self._shown.get(index) != (run, at):
                self._shown[index] = run, at
                tile.matrix.show_counts(self._data.classes, run.confusion[at])
