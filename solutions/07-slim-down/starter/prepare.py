"""Make model/index.bin, which the service needs beside model/weights.bin.

What it computes on the way it keeps in ~/.cache/penguins, so that a second run would be faster.
"""

from pathlib import Path

MODEL = Path(__file__).with_name("model")
CACHE = Path.home() / ".cache" / "penguins"
EXPANDED = 2

if __name__ == "__main__":
    weights = (MODEL / "weights.bin").read_bytes()
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "expanded.bin").write_bytes(weights * EXPANDED)
    (MODEL / "index.bin").write_bytes(weights[::2])
    print(f"index made; what was computed on the way is in {CACHE}")
