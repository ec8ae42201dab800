"""Ask the service in this container whether it is healthy: exit code 0 if /health answers 200 within two seconds."""

import sys
import urllib.request

browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy: it is next door
try:
    browser.open("http://127.0.0.1:8000/health", timeout=2).close()
except OSError as error:  # no answer, too late, or a status such as 500
    sys.exit(f"unhealthy: {error}")
