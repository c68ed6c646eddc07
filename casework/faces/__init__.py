"""The faces of the workbench: command line, notebooks, pages."""
