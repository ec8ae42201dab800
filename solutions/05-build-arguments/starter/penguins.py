#!/usr/bin/env python3
"""Say which version this is, and what the model knows.

The version is the environment variable APP_VERSION. The model is model.json, beside this file.
"""

import json
import os
from pathlib import Path

model = json.loads(Path(__file__).with_name("model.json").read_text(encoding="utf-8"))
print(f"penguins {os.environ.get('APP_VERSION', 'of no version')}")
print(f"trained on {model['trained_on']} penguins")
for species, (flipper, mass) in model["averages"].items():
    print(f"{species}: flipper {flipper} mm, {mass} g")
