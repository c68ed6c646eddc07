"""JupyterHub for a team: each person's server opens the practice desk on one PostgreSQL store.

What is the site's own (who may log in, how servers are started, certificates) stands in a second file,
named by CASEWORK_HUB_SITE. What this file needs is in the environment:

    CASEWORK_STORE      postgresql+psycopg://casework_app@HOST/casework
    CASEWORK_NOTEBOOKS  the folder of notebooks that people see (casework init makes one)
    CASEWORK_HUB_STATE  a folder of the hub's own, which no one else can read
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821

needed = ("CASEWORK_STORE", "CASEWORK_NOTEBOOKS", "CASEWORK_HUB_STATE")
missing = [name for name in needed if not os.environ.get(name)]
if missing:
    raise SystemExit(f"set {', '.join(missing)}; see the head of {__file__}")
if not os.environ["CASEWORK_STORE"].startswith("postgresql"):
    raise SystemExit("CASEWORK_STORE: a team's hub needs PostgreSQL; a file of SQLite belongs to one computer")

state = Path(os.environ["CASEWORK_HUB_STATE"])
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# Nobody gets in by default: the site's file says who. An admin of the hub is no admin of casework's store.
c.Authenticator.allow_all = False
c.JupyterHub.admin_access = False

# A server knows the store and asks the hub who its user is; it keeps nothing of its own.
c.Spawner.environment = {
    "CASEWORK_STORE": os.environ["CASEWORK_STORE"],
    "CASEWORK_ANCHOR": "-",  # Its user could write it too; whoever runs the store takes the anchor.
    "CASEWORK_LOG": os.environ.get("CASEWORK_LOG", ""),
    "JUPYTER_PLATFORM_DIRS": "1",
}
c.Spawner.notebook_dir = os.environ["CASEWORK_NOTEBOOKS"]
c.Spawner.default_url = "/lab/tree/10_practise.ipynb"
c.Spawner.args = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]

# Servers that nobody has used for an hour are stopped; work goes on where it was left.
c.JupyterHub.load_roles = [
    {"name": "cull-idle", "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"], "services": ["cull-idle"]}
]
c.JupyterHub.services = [
    {"name": "cull-idle", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]

site = os.environ.get("CASEWORK_HUB_SITE")
if not site:
    raise SystemExit("CASEWORK_HUB_SITE: name the file that says who may log in and how servers start; deploy/jupyterhub/site_example.py is one")
load_subconfig(site)  # noqa: F821
