"""Who sits at this computer: whoever a room's token belongs to, JupyterHub's user, asked of the hub itself, or the user of the operating system."""

from __future__ import annotations

import getpass
import json
import os
import urllib.error
import urllib.request

from casework.model.errors import Refused


def token() -> str | None:
    """The token that a room's seat was given, if there is one."""
    return os.environ.get("CASEWORK_TOKEN") or None


def at_hub() -> bool:
    return bool(os.environ.get("JUPYTERHUB_API_TOKEN"))


def login() -> str:
    """The login name. Under JupyterHub the hub says it, for the token that it gave to this server."""
    if not at_hub():
        return getpass.getuser()
    url = os.environ.get("JUPYTERHUB_API_URL", "").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise Refused("JUPYTERHUB_API_URL is not set, so the hub cannot say who you are; start your server from the hub")
    asked = urllib.request.Request(f"{url}/user", headers={"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(json.loads(answer.read(1_000_000))["name"])
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        raise Refused(f"the hub did not say who you are ({type(error).__name__}); restart your server from the hub, then try again") from None
