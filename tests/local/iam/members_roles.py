"""What the role of the members stack is for, and what lies right beside it."""

from __future__ import annotations

from typing import Any

from tests.local.iam.file_grants import of_bucket, of_file, reads_files
from tests.local.iam.grants import (
    OTHER_ROW,
    Call,
    Grant,
    invoke,
    sends_traces,
    with_neighbours,
    writes_log,
)

_BUCKET, _POOL = "{ArtifactsBucket}", "{MembersPool}"
_SURVEY, _SIGNED_OUT = "{SurveyTable}", "{SignedOutTable}"
_ANSWER = {"Version": {"S": "1"}, "MemberId": {"S": "1"}}
_SESSION = {"Id": {"S": "session#1"}}
_OF_VERSION = {
    "KeyConditionExpression": "Version = :v",
    "ExpressionAttributeValues": {":v": {"S": "1"}},
}


def _lists_versions() -> Grant:
    return Grant(
        "ListVersionsAndTheirFiles",
        (of_bucket("list_objects_v2", _BUCKET),),
        {
            "list what was replaced": of_bucket("list_object_versions", _BUCKET),
            "list files that are mailed": of_bucket("list_objects_v2"),
            "list another bucket": of_bucket("list_objects_v2", "{Other}"),
            "list the account's buckets": Call("s3", "list_buckets", {}),
            "delete the bucket": of_bucket("delete_bucket", _BUCKET),
            "take the bucket's policy away": of_bucket("delete_bucket_policy", _BUCKET),
        },
    )


def _answers() -> Grant:
    return Grant(
        "ReadAndWriteAnswers",
        (
            _row("get_item", _SURVEY, Key=_ANSWER),
            _row("put_item", _SURVEY, Item=_ANSWER),
            _row("query", _SURVEY, **_OF_VERSION),
            _row("scan", _SURVEY),
        ),
        {
            "delete an answer": _row("delete_item", _SURVEY, Key=_ANSWER),
            "change a row without replacing it": _row("update_item", _SURVEY, Key=_ANSWER),
            "delete the answers": _row("delete_table", _SURVEY),
            "read another table": Call("dynamodb", "get_item", OTHER_ROW),
            "read all links": _row("scan", "{LinksTable}"),
            "read all deliveries": _row("scan", "{DeliveriesLedger}"),
            "write another table": _row("put_item", "{Other}", Item={"DeliveryId": {"S": "1"}}),
        },
    )


def _sign_outs() -> Grant:
    return Grant(
        "LearnAndRecordSignOuts",
        (_rows(_SIGNED_OUT, _SESSION), _row("put_item", _SIGNED_OUT, Item=_SESSION)),
        {
            "forget a sign-out": _row("delete_item", _SIGNED_OUT, Key=_SESSION),
            "change a sign-out": _row("update_item", _SIGNED_OUT, Key=_SESSION),
            "list who signed out": _row("scan", _SIGNED_OUT),
            "forget all sign-outs": _row("delete_table", _SIGNED_OUT),
            "read many answers by their keys": _rows(_SURVEY, _ANSWER),
            "read rows of another table": _rows("{Other}", OTHER_ROW["Key"]),
        },
    )


def _addresses() -> Grant:
    person = {"Username": "bob@example.com"}
    return Grant(
        "LearnAMembersAddress",
        (_pool("admin_get_user", **person),),
        {
            "learn an address of another pool": _pool("admin_get_user", "{OtherPool}", **person),
            "list the members": _pool("list_users"),
            "invite somebody": _pool("admin_create_user", **person),
            "make somebody an admin": _pool(
                "admin_add_user_to_group", GroupName="admins", **person
            ),
            "give somebody another password": _pool(
                "admin_set_user_password", Password="x" * 12, **person
            ),
            "give somebody another address": _pool(
                "admin_update_user_attributes", UserAttributes=[], **person
            ),
            "remove somebody": _pool("admin_delete_user", **person),
            "sign somebody in": _pool(
                "admin_initiate_auth",
                ClientId="{MembersClient}",
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            ),
            "let another site sign in": _pool(
                "update_user_pool_client", ClientId="{MembersClient}"
            ),
            "delete the pool": _pool("delete_user_pool"),
        },
    )


def _row(operation: str, table: str, **more: Any) -> Call:
    return Call("dynamodb", operation, {"TableName": table, **more})


def _rows(table: str, key: Any) -> Call:
    return Call("dynamodb", "batch_get_item", {"RequestItems": {table: {"Keys": [key]}}})


def _pool(operation: str, pool: str = _POOL, **more: Any) -> Call:
    return Call("cognito-idp", operation, {"UserPoolId": pool, **more})


ROLES: dict[str, list[Grant]] = {
    "MembersRole": [
        _lists_versions(),
        with_neighbours(
            reads_files("ReadFilesAndSignLinksToThem", "ArtifactsBucket"),
            read_a_file_that_is_mailed=of_file("get_object"),
            sign_uploads=of_file("create_multipart_upload", _BUCKET),
            call_Portal=invoke("{Portal}"),
        ),
        _answers(),
        _sign_outs(),
        _addresses(),
        writes_log("MembersLogGroup", neighbour="MembersApiLogGroup", sid="WriteTheApisLog"),
        sends_traces(),
    ],
}
