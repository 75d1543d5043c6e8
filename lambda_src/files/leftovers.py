"""Files that nobody means to send: what systems and programs leave beside the real ones. Pure.

LinkGenerator announces none of them, and the tool takes none out of a folder, unless the sender
named it: then its metadata says so. Only names that are certain stand here.
"""

from __future__ import annotations

import re
from fnmatch import translate

# As fnmatch has them, in small letters; what a "?" or "*" stands for is chosen by the program.
_FILES = (
    *(".ds_store", "._*", "icon\r", ".localized"),  # macOS
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),  # Windows
    *(".directory", ".goutputstream-*", ".fuse_hidden*", ".nfs0000*"),  # Linux
    *("~$*", ".~lock.*#", "~wrl*.tmp", "*.laccdb", "*.idlk"),  # open in Office, LibreOffice, Adobe
    *("*.part", "*.filepart", "*.crdownload", "*.partial", "*.!ut", "*.cyberducksegment"),  # halves
    *(".syncthing.*.tmp", "~syncthing~*.tmp", ".s3cmd*.tmp", ".dropbox", ".dropbox.attr"),
    *("._sync_*.db*", ".sync_*.db*", ".owncloudsync.log*"),  # Nextcloud, ownCloud
    *(
        "_success",
        "_started_[0-9]*",
        "_committed_[0-9]*",
        "*_$folder$",
    ),  # Hadoop, Spark, Databricks
)
_FOLDERS = (
    *("__macosx", ".appledouble", ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems"),
    *("$recycle.bin", "system volume information", "@eadir", ".@__thumb", ".trash-*"),
)
_FILE = re.compile("|".join(map(translate, _FILES)))
_FOLDER = re.compile("|".join(map(translate, _FOLDERS)))


def is_leftover(path: str) -> bool:
    """Whether the file, or a folder on its path, is one. Folders are separated by "/"."""
    *folders, name = path.lower().split("/")
    return bool(_FILE.fullmatch(name) or any(map(_FOLDER.fullmatch, folders)))
