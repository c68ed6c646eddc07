"""Network shares, on which SQLite's locks cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# File systems that live on another machine, or pass through a virtual machine's shared folder.
SHARES = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "ncpfs", "davfs", "webdav", "sshfs",
    "rclone", "glusterfs", "ceph", "lustre", "gpfs", "beegfs", "drvfs", "9p", "vboxsf", "prl_fs", "vmhgfs", "vmhgfs-fuse",
})  # fmt: skip


def mounts() -> list[tuple[str, str, str]]:
    """(mount point, file system, options) of everything mounted."""
    import psutil

    return [(p.mountpoint, p.fstype, p.opts) for p in psutil.disk_partitions(all=True)]


def share_under(path: Path, mounted: Iterable[tuple[str, str, str]]) -> str | None:
    """The network file system that holds the path, or None. The innermost mount decides."""
    place = str(path)
    if place.startswith(("\\\\", "//")):
        return "a network path"
    held = [m for m in mounted if path.is_relative_to(m[0])]
    if not held:
        return None
    point, kind, options = max(held, key=lambda m: len(m[0]))
    kind = kind.lower().removeprefix("fuse.").removeprefix("osxfuse_")
    if kind == "9p" and point == "/":
        return None  # A container whose whole disk is handed over this way has it to itself.
    return kind if kind in SHARES or "remote" in options.split(",") else None
