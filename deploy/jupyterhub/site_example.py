"""A site of its own: people are users of this Linux machine, in the group 'casework'. Change it to yours."""

c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "pam"
c.LocalAuthenticator.allowed_groups = {"casework"}
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # Behind a web server that has the certificate.
