"""What the generator stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from files.manifest import FORMAT_VERSION

from tests.templates.reading import CFN_LINT_FACTS, GENERATOR, mentions

TTL = {"Ref": "ExchangableObjectsTTL"}
BUCKETS = ("FileExchangeBucket", "FileExchangeBucketLogs")


def rules(bucket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = GENERATOR.properties(bucket)["LifecycleConfiguration"]["Rules"]
    return found


def merged_rules(bucket: str) -> dict[str, Any]:
    return {key: value for rule in rules(bucket) for key, value in rule.items()}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_buckets_are_private(bucket: str) -> None:
    """No public access in any of its four ways, no ACLs, encrypted at rest."""
    properties = GENERATOR.properties(bucket)

    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["OwnershipControls"] == {
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
    }
    encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


def test_files_are_versioned_and_their_readers_logged() -> None:
    """A link is pinned to a version, and who fetched it can be read afterwards."""
    properties = GENERATOR.properties("FileExchangeBucket")

    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["LoggingConfiguration"]["DestinationBucketName"] == {
        "Ref": "FileExchangeBucketLogs"
    }


def test_nothing_of_a_file_stays_after_its_time() -> None:
    """Current and old versions, abandoned uploads and delete markers without versions all go."""
    rule = merged_rules("FileExchangeBucket")

    assert rule["ExpirationInDays"] == TTL
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": TTL}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": TTL}
    assert rule["ExpiredObjectDeleteMarker"] is True
    assert {r["Status"] for r in rules("FileExchangeBucket")} == {"Enabled"}


# CloudFormation refuses a rule without one of these: "At least one of […] needs to be specified"
# (aws-cloudformation/cloudformation-coverage-roadmap issues 132 and 1124).
ENOUGH_FOR_A_RULE = {
    "AbortIncompleteMultipartUpload",
    "ExpirationDate",
    "ExpirationInDays",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionExpirationInDays",
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
    "Transition",
    "Transitions",
}
# S3 refuses ExpiredObjectDeleteMarker beside these (CloudFormation's AWS::S3::Bucket Rule).
NOT_BESIDE_DELETE_MARKERS = {"ExpirationInDays", "ExpirationDate", "TagFilters"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_cloudformation_and_s3_take_every_lifecycle_rule(bucket: str) -> None:
    """Neither cfn-lint nor moto knows these two refusals; AWS has them at the first create."""
    for rule in rules(bucket):
        assert set(rule) & ENOUGH_FOR_A_RULE, rule["Id"]
        if "ExpiredObjectDeleteMarker" in rule:
            assert not set(rule) & NOT_BESIDE_DELETE_MARKERS, rule["Id"]


def test_logs_have_a_lifetime_of_their_own() -> None:
    """Access logs and the function's log live for LogsTTL days, nothing else piles up there."""
    rule = merged_rules("FileExchangeBucketLogs")

    assert rule["ExpirationInDays"] == {"Ref": "LogsTTL"}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert {r["Status"] for r in rules("FileExchangeBucketLogs")} == {"Enabled"}
    assert GENERATOR.properties("LinkGeneratorLogGroup")["RetentionInDays"] == {"Ref": "LogsTTL"}


def test_first_create_finds_what_the_bucket_needs() -> None:
    """S3 tests permission and log policy when the bucket is made, so both come before it."""
    assert set(GENERATOR.resources["FileExchangeBucket"]["DependsOn"]) == {
        "FileExchangeBucketMayCallLinkGenerator",
        "FileExchangeBucketLogsPolicy",
    }


def test_nothing_waits_for_itself() -> None:
    """No resource needs, over any number of others, itself."""
    needs = {
        name: (mentions(resource) | set(_listed(resource.get("DependsOn", [])))) - {name}
        for name, resource in GENERATOR.resources.items()
    }
    made: set[str] = set()
    while ready := {
        name for name, others in needs.items() if name not in made and others & set(needs) <= made
    }:
        made |= ready

    assert set(needs) - made == set()


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_bucket_names_agree() -> None:
    """Bucket, permission, log policy, role and environment all mean the same bucket."""
    derived = "${DeploymentName}-${AWS::AccountId}-${AWS::Region}"
    given_or_derived = {
        "Fn::If": [
            "HasFileExchangeBucketName",
            {"Ref": "FileExchangeBucketName"},
            {"Fn::Sub": derived},
        ]
    }
    variables = GENERATOR.properties("LinkGenerator")["Environment"]["Variables"]

    assert GENERATOR.properties("FileExchangeBucket")["BucketName"] == given_or_derived
    assert variables["FileExchangeBucketName"] == given_or_derived
    assert GENERATOR.text.count("${DeploymentName}-") == GENERATOR.text.count(derived)


def test_uploads_call_link_generator() -> None:
    """Every way for an object to arrive is announced."""
    assert GENERATOR.properties("FileExchangeBucket")["NotificationConfiguration"] == {
        "LambdaConfigurations": [
            {
                "Event": "s3:ObjectCreated:*",
                "Function": {"Fn::GetAtt": "LinkGenerator.Arn"},
            }
        ]
    }


def test_runtime_is_the_newest_that_is_supported() -> None:
    """cfn-lint lists python3.15 too, a preview; the newest with an end of support is meant."""
    table = CFN_LINT_FACTS / "LmbdRuntimeLifecycle.json"
    known = json.loads(table.read_text())
    newest = max(
        (name for name in known if name.startswith("python3.")),
        key=lambda name: int(name.partition(".")[2]),
    )

    function = GENERATOR.properties("LinkGenerator")

    assert function["Runtime"] == newest
    assert function["Architectures"] == ["arm64"]


def test_function_has_the_time_that_its_calls_may_take() -> None:
    """500 recipients: 2 calls of S3 and 10 of SES, each with 3 tries and the waits between them."""
    longest_call = 3 * (3 + 10) + 3  # seconds; tries, connecting, reading, waiting

    function = GENERATOR.properties("LinkGenerator")

    assert 12 * longest_call <= function["Timeout"] <= 900  # Lambda's limit
    assert function["MemorySize"] == 512  # megabytes


def test_function_is_traced_and_logs_json() -> None:
    """Logs are JSON in the stack's own group; traces go to X-Ray."""
    function = GENERATOR.properties("LinkGenerator")

    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "LinkGeneratorLogGroup"},
    }


def test_environment_carries_the_parameters_names() -> None:
    """LinkGenerator reads what the operator typed under the name the operator typed it."""
    usual = {"Fn::Join": [",", {"Ref": "EmailRecipient"}]}
    authorized = {"Fn::Join": [",", {"Ref": "AuthorizedRecipients"}]}

    variables = GENERATOR.properties("LinkGenerator")["Environment"]["Variables"]

    bucket = variables["FileExchangeBucketName"]  # test_bucket_names_agree looks at it
    assert variables == {
        "AccountId": {"Ref": "AWS::AccountId"},
        "DeploymentName": {"Ref": "DeploymentName"},
        "TZ": {"Ref": "TimeZone"},
        "FileExchangeBucketName": bucket,
        "EmailSender": {"Ref": "EmailSender"},
        "SenderName": {"Ref": "SenderName"},
        "ReplyTo": {"Ref": "ReplyTo"},
        "AuthorizedSenders": {"Fn::Join": [",", {"Ref": "AuthorizedSenders"}]},
        "EmailRecipient": usual,
        "AuthorizedRecipients": {"Fn::If": ["HasAuthorizedRecipients", authorized, ""]},
        "ExchangableObjectsTTL": TTL,
        "LinkExpirationPeriod": {"Ref": "LinkExpirationPeriod"},
        "LogsTTL": {"Ref": "LogsTTL"},
        "MaxDownloads": {"Ref": "MaxDownloads"},
        "DeliveriesLedgerName": {"Ref": "DeliveriesLedger"},
        "GatherPeriod": {"Ref": "GatherPeriod"},
        "GatheredFilesName": _if_it_gathers({"Ref": "GatheredFiles"}),
        "GatheringScheduleGroupName": _if_it_gathers({"Ref": "GatheringScheduleGroup"}),
        "GatheringRoleArn": _if_it_gathers({"Fn::GetAtt": "GatheringRole.Arn"}),
        "DeadLetterQueueArn": _if_it_gathers({"Fn::GetAtt": "DeadLetterQueue.Arn"}),
        "ConfigSetName": {"Fn::ImportValue": {"Fn::Sub": "${SenderStackName}-ConfigSetName"}},
        "LinkDownloadTemplateName": {
            "Fn::ImportValue": {"Fn::Sub": "${SenderStackName}-LinkDownloadTemplateName"}
        },
        "PortalUrl": _of_the_portal_if_any("PortalUrl"),
        "LinksTableName": _of_the_portal_if_any("LinksTableName"),
    }


def _of_the_portal_if_any(output: str) -> dict[str, Any]:
    imported = {"Fn::ImportValue": {"Fn::Sub": f"${{PortalStackName}}-{output}"}}
    return {"Fn::If": ["HasPortalStackName", imported, ""]}


def _if_it_gathers(value: dict[str, Any]) -> dict[str, Any]:
    return {"Fn::If": ["HasGatherPeriod", value, ""]}


def test_handler_is_there() -> None:
    """The handler that the template names is a function of lambda_src."""
    module, _, function = GENERATOR.properties("LinkGenerator")["Handler"].rpartition(".")
    sources = GENERATOR.path.parent.parent / "lambda_src"

    source = (sources / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")

    assert re.search(rf"^def {function}\(", source, flags=re.MULTILINE)


def test_failed_events_are_tried_again_and_then_kept() -> None:
    """Two more tries within 6 hours, then DeadLetterQueue for 14 days, encrypted."""
    retries = GENERATOR.properties("LinkGeneratorRetries")
    queue = GENERATOR.properties("DeadLetterQueue")

    assert retries["Qualifier"] == "$LATEST"
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["MaximumEventAgeInSeconds"] == 6 * 60 * 60
    assert GENERATOR.properties("LinkGenerator")["DeadLetterConfig"] == {
        "TargetArn": {"Fn::GetAtt": "DeadLetterQueue.Arn"}
    }
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_outputs() -> None:
    """What the tool, later stacks and people at the console need."""
    assert set(GENERATOR.outputs) == {
        "FileExchangeBucketName",
        "FileExchangeBucketLogsName",
        "LinkGeneratorName",
        "LinkGeneratorArn",
        "LinkGeneratorLogGroupName",
        "DeliveriesLedgerName",
        "FateRecorderName",
        "FateRecorderLogGroupName",
        "DeadLetterQueueUrl",
        "DeadLetterQueueArn",
        "ShareManifestVersion",
        "DashboardUrl",
    }


def test_which_manifests_are_known_is_said_beside_the_code() -> None:
    """`s3link send` asks it of the stack: an older LinkGenerator would mail each file of a share to
    EmailRecipient."""
    assert GENERATOR.outputs["ShareManifestVersion"]["Value"] == str(FORMAT_VERSION)
