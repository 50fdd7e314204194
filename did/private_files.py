"""Files and folders that only their owner reads, whatever the umask and however they came to be.

SQLite gives its ``-wal``, ``-shm`` and ``-journal`` files the mode of the database, so the database has to be private
before SQLite sees it; files that are there already are made private, too. Modes are POSIX's; elsewhere the system's own
rules count.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .refusal import Refusal

__all__ = ["PrivateFileError", "private_database", "private_file", "private_folder", "write_private"]

_FILE, _FOLDER = 0o600, 0o700
_BESIDE = ("-wal", "-shm", "-journal")


class PrivateFileError(Refusal, OSError):
    """A file that others may read or write, and that can't be made private, or that is no file. Nothing was opened.

    ``zh`` and ``en`` say what, where, and what to do.
    """

    code = "file.not_private"
    unusable = True

    def __init__(self, path: Path, zh: str, en: str) -> None:
        OSError.__init__(self, 0, f"{zh} / {en}", str(path))
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return self.en


def private_folder(path: Path) -> None:
    """Make a folder with mode 0700, or give one that is there that mode. Raises PrivateFileError, OSError."""
    path.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _restrict(path, _FOLDER)


def private_file(path: Path) -> None:
    """Make a file with mode 0600, or give one that is there that mode. Raises PrivateFileError, OSError."""
    if path.is_dir():
        raise PrivateFileError(
            path,
            f"{path} 是文件夹，此处应为文件：请改用其他路径",
            f"{path} is a folder where a file is wanted: use another path",
        )
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _FILE))
    _restrict(path, _FILE)


def write_private(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file that only its owner reads, also where one was there that others read.

    ``new`` refuses one that is there (FileExistsError). Raises PrivateFileError, OSError.
    """
    if not new and (path.is_file() or not path.exists()):  # not a pipe or a device, which are not ours to restrict
        private_file(path)
    flags = os.O_WRONLY | (os.O_CREAT | os.O_EXCL if new else os.O_TRUNC)
    with os.fdopen(os.open(path, flags | os.O_CLOEXEC, _FILE), "wb") as file:
        file.write(content)


def private_database(path: Path) -> None:
    """``private_file`` for an SQLite database and what SQLite keeps beside it."""
    private_file(path)
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            _restrict(beside, _FILE)


def _restrict(path: Path, mode: int) -> None:
    if os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & ~mode:
        return
    try:
        path.chmod(mode)
    except OSError:
        raise PrivateFileError(
            path,
            f"{path} 对其他用户开放且无法更改权限：请由其所有者执行 chmod {mode:o}",
            f"{path} is open to other users and its mode can't be changed: have its owner run chmod {mode:o}",
        ) from None
