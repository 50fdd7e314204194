"""Where a wallet and its keystore may be: never where one folder holds both.

With both files a PIN is found by trying them all, without the device and without its count of tries. A backup, a synced
folder or a thief takes folders: so neither file's folder may be, or hold, the other's.
"""

from __future__ import annotations

from pathlib import Path

from .errors import WalletPlace

__all__ = ["check_apart", "keystore_beside"]

_NAME = "device.keystore"


def check_apart(wallet: Path, keystore: object) -> None:
    """Raises WalletPlace when a wallet's file and a keystore that is a file (has a ``path``) are in one folder."""
    place = getattr(keystore, "path", None)
    if not isinstance(place, Path):
        return
    one, other = wallet.resolve().parent, place.resolve().parent
    if one == other or one in other.parents or other in one.parents:
        raise WalletPlace(
            f"the keystore {place} and the wallet {wallet} are in one folder, and whoever copies it can try every PIN: "
            "move the keystore to a folder of its own, best on another disk or in the configuration folder, and name "
            "its new place (--keystore, LIANGZHENG_KEYSTORE)",
            f"密钥库 {place} 与卡包 {wallet} 在同一文件夹下，拿到该文件夹的人可逐一尝试密码："
            "请将密钥库移到单独的文件夹（最好在另一磁盘或配置目录），并指明新位置（--keystore 或 LIANGZHENG_KEYSTORE）",
        )


def keystore_beside(wallets: Path) -> Path:
    """The default keystore of a folder of wallets: in a folder beside it. One that was inside is moved there."""
    place = wallets.with_name(f"{wallets.name}-keystore") / _NAME
    inside = wallets / _NAME
    if inside.exists() and not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        inside.replace(place)
    return place
