"""What every test needs: Qt without a screen, English, and settings that are nobody's."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"] = "en"
