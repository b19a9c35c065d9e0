"""What every test needs: Qt without a screen, and settings that are nobody's."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
