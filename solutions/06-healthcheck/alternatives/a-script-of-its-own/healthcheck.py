"""Ends with 0 only if the service says that it is well."""

import json
import sys
import urllib.request

try:
    with urllib.request.urlopen("http://localhost:8000/health", timeout=2) as answer:
        status = json.load(answer)["status"]
except (OSError, ValueError, KeyError) as error:
    print(f"no good answer: {error}")
    sys.exit(1)
print(status)
sys.exit(0 if status == "ok" else 1)
