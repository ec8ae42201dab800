"""JupyterLab in the lab: the work folder, a token always, the home page first, and no questions to the internet."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - Jupyter puts it here

WORK = Path(os.environ["DRYDOCK_WORK"])
# Made at the first start and kept, so that a bookmark goes on working; see setup.sh.
KEPT_TOKEN = Path.home() / ".local/state/drydock/token"

ADDRESS = f"http://127.0.0.1:{os.environ.get('DRYDOCK_PORT', '8888')}/"  # leads to default_url

c.IdentityProvider.token = token = os.environ.get("DRYDOCK_TOKEN") or KEPT_TOKEN.read_text().strip()
if not os.environ.get("DRYDOCK_TOKEN"):
    print(f"The lab opens at {ADDRESS}?token={token}", flush=True)  # Jupyter hides a token that it is given

c.ServerApp.ip = "0.0.0.0"  # noqa: S104 - in the container; the host publishes it on 127.0.0.1
c.ServerApp.port = 18888
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.custom_display_url = ADDRESS
# Only localhost is a name of this server: a web page that points its own name here (DNS rebinding) gets nothing.
c.ServerApp.allow_remote_access = False
# What containers publish has a name of its own: grader/panel/pages.py. Without it there must be no other way to them.
c.ServerApp.jpserver_extensions = {"jupyter_server_proxy": False}
c.ServerApp.root_dir = str(WORK)
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}

c.LabApp.default_url = "/lab"  # where the home page opens: see grader/panel
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

# Learners edit .dockerignore and .env; the rest of what begins with a dot is nobody's reading.
c.ContentsManager.allow_hidden = True
c.ContentsManager.hide_globs = ["__pycache__", "*.pyc", "*~", ".DS_Store", ".ipynb_checkpoints", ".drydock"]
c.FileContentsManager.delete_to_trash = False  # the bin would be in another file system
