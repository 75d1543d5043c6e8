"""What each role of the programs stack is for, and what lies right beside it.

Programs may use keys that begin with `programs/`.
"""

from __future__ import annotations

from tests.local.iam.file_grants import (
    FILE,
    OTHER_FILE,
    decrypts_files,
    learns_that_a_file_is_gone,
    of_bucket,
    of_file,
    reads_files,
)
from tests.local.iam.grants import (
    Call,
    Grant,
    invoke,
    reads_and_writes_rows,
    reads_rows,
    sends_traces,
    with_neighbours,
    writes_log,
)

_TABLE, _KEY = "NoncesTable", "NonceHash"
_A_LINK_OF_A_MAIL = Call(
    "dynamodb", "get_item", {"TableName": "{LinksTable}", "Key": {"LinkId": {"S": "1"}}}
)


def _files_of_programs() -> Grant:
    """Reading and writing, whole or in parts, below `programs/`."""
    outside = {"Key": OTHER_FILE}
    return Grant(
        "ReadAndWriteFilesOfPrograms",
        (
            *reads_files("").own,
            of_file("put_object", Body=b"x"),
            of_file("create_multipart_upload"),
            of_file("upload_part", UploadId="x", PartNumber=1, Body=b"x"),
            of_file("abort_multipart_upload", UploadId="x"),
        ),
        {
            "read another file": of_file("get_object", **outside),
            "overwrite another file": of_file("put_object", Body=b"x", **outside),
            "begin another file": of_file("create_multipart_upload", **outside),
            "read another bucket": of_file("get_object", "{Other}"),
            "write another bucket": of_file("put_object", "{Other}", Body=b"x"),
            "delete a file": of_file("delete_object"),
            "delete a version": of_file("delete_object", VersionId="{FileExchangeBucketVersion}"),
            "open a file to the world": of_file("put_object_acl", ACL="public-read"),
            "read the access log": of_file("get_object", "{FileExchangeBucketLogs}"),
        },
    )


def _learns_that_a_file_is_gone() -> Grant:
    """Among the keys of programs alone: another's file has its name from its recipient."""
    lists = ("list_objects_v2", "list_object_versions")
    outside = {"": {}, " by a prefix": {"Prefix": "bob@"}, " by an empty one": {"Prefix": ""}}
    return Grant(
        "LearnThatAFileIsGone",
        tuple(of_bucket(operation, Prefix=FILE) for operation in lists),
        {
            **learns_that_a_file_is_gone().neighbours,
            **{
                f"{operation} of all{how}": of_bucket(operation, **prefix)
                for operation in lists
                for how, prefix in outside.items()
            },
        },
    )


_OF_BOTH = [
    writes_log("ProgramsLogGroup", neighbour="ProgramsApiLogGroup", sid="WriteTheApisLog"),
    sends_traces(),
]

ROLES: dict[str, list[Grant]] = {
    "ProgramsRole": [
        _files_of_programs(),
        decrypts_files(),
        _learns_that_a_file_is_gone(),
        with_neighbours(
            reads_and_writes_rows("MakeOneTimeLinksAndTakeThem", _TABLE, _KEY, writes="File"),
            read_a_link_of_a_mail=_A_LINK_OF_A_MAIL,
            call_LinkMailer=invoke("{LinkMailer}"),
        ),
        *_OF_BOTH,
    ],
    "NonceGateRole": [
        with_neighbours(
            reads_rows("LookAtOneNonce", _TABLE, _KEY),
            read_a_link_of_a_mail=_A_LINK_OF_A_MAIL,
            read_a_file=of_file("get_object"),
            list_files=of_bucket("list_objects_v2"),
            call_Programs=invoke("{Programs}"),
        ),
        *_OF_BOTH,
    ],
}
