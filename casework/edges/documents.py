"""Whole HTML documents: self-contained, under a policy that lets nothing run and nothing load."""

from __future__ import annotations

from html import escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

STYLE = (
    'body{margin:0;background:#fbfaf7;color:#1f2328;font:14px/1.6 system-ui,"Segoe UI","DejaVu Sans",sans-serif}'
    "main{max-width:1032px;margin:0 auto;padding:24px}main h1{font-size:20px}main a{color:#1b5e7a}"
    "main table{border-collapse:collapse}main th{text-align:left;font-size:12px;color:#57606a}main td,main th{padding:6px 24px 6px 0;border-bottom:1px solid #ddd9d0}"
    "@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e8ea}main a{color:#7cc0dd}main th{color:#a9b1ba}main td,main th{border-color:#343a41}}"
)


def document(title: str, body: str) -> str:
    """A document around markup that is escaped already; the title is plain text."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{POLICY}"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
