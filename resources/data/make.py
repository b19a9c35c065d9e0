"""Makes the bundled data sets from scikit-learn's copies; run by hand, never by the program.

pip install scikit-learn && python resources/data/make.py
"""

import gzip
import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent

digits = gzip.decompress((files("sklearn.datasets.data") / "digits.csv.gz").read_bytes())
table = np.loadtxt(BytesIO(digits), delimiter=",").astype(int)
text = "\n".join(",".join(map(str, row)) for row in table) + "\n"
(HERE / "digits.csv.gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))

x, y = make_moons(n_samples=5000, random_state=42, noise=0.1)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=42)
arrays = {"x_train": x_train, "y_train": y_train.astype(np.int8), "x_test": x_test, "y_test": y_test.astype(np.int8)}
with zipfile.ZipFile(HERE / "article.npz", "w", zipfile.ZIP_DEFLATED) as store:
    for name, array in arrays.items():
        buffer = BytesIO()
        np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
        store.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)
