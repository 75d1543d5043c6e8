"""A file that is deleted: what the console's "Delete" does to its links, and what the tool's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.server import EmbeddedAws
from tests.deploy.operator import Operator
from tests.e2e.deployed import Deployed
from tests.e2e.portal import Portal, press
from tests.local.apis import ask
from tests.local.links import fetch
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        yield Deployed(aws, tmp_path)


def hide(deployed: Deployed, key: str) -> str:
    """What "Delete" in the S3 console does; gives the id of its marker."""
    answer = deployed.account.client("s3").delete_object(
        Bucket=deployed.names["FileExchangeBucket"], Key=key
    )
    assert answer["DeleteMarker"]
    return str(answer["VersionId"])


def test_a_direct_link_ends_with_its_version_alone(deployed: Deployed) -> None:
    """A delete marker is before its eyes and not before the link's; `s3link delete` takes all."""
    key = "bob@example.com/gru\u0308\u00dfe.pdf"
    deployed.upload(key, b"for Bob")
    link = deployed.link_for("bob@example.com")
    until(lambda: "LinkExpiresAt" in deployed.rows[0])
    hide(deployed, key)
    assert fetch(link).body == b"for Bob"

    ran = deployed.s3link("delete bob@example.com/gr\u00fc\u00dfe.pdf --yes")

    assert ran.exit_code == 0, ran.stderr
    assert "  bob@example.com has a link to S3, which would work until 20" in ran.stderr
    assert ran.stdout.endswith(" (1 version, 7 bytes).\n")
    assert fetch(link).error["Code"] == "NoSuchVersion"


def test_a_link_of_the_portal_ends_with_its_file(portal: Portal) -> None:
    """Whoever deletes it in the console means that it goes; they may bring it back. What the tool
    deletes is gone, and its links are revoked."""
    shared = portal.share()
    marker = hide(portal, shared.key)
    assert (ask(shared.link).status, press(shared.link).status) == (410, 410)
    assert "This file has been removed" in ask(shared.link).body.decode()
    portal.remove(shared.key, marker)
    assert ask(shared.link).status == 200

    ran = portal.s3link(f"delete '{shared.key}' --yes --output json")

    assert ran.exit_code == 0, ran.stderr
    assert ran.document["files"] == [
        {
            "file": shared.key,
            "versions": 1,
            "size": len(shared.content),
            "links": [{"kind": "portal", "id": shared.id, "recipient": shared.recipient}],
            "problems": [],
        }
    ]
    assert "This link has been withdrawn" in ask(shared.link).body.decode()
    again = portal.s3link(f"delete '{shared.key}' --yes")
    assert again.exit_code == 1
    assert again.error.startswith("Nothing was deleted: there is no file ")


def test_the_rights_in_the_document_are_enough(portal: Portal, tmp_path: Path) -> None:
    """Whoever may do nothing else can take a file back; without the right to delete versions
    nothing of it goes, and the sentence says what is missing."""
    shared = portal.share()
    bucket = f"arn:aws:s3:::{portal.names['FileExchangeBucket']}"
    tables = f"arn:aws:dynamodb:*:*:table/{portal.names['LinksTable']}"
    ledger = f"arn:aws:dynamodb:*:*:table/{portal.names['DeliveriesLedger']}/index/*"
    rights = {
        "cloudformation:DescribeStacks": "*",
        "s3:ListBucketVersions": bucket,
        "dynamodb:Query": ledger,
        "dynamodb:Scan": tables,
        "dynamodb:UpdateItem": tables,
    }
    line = f"delete '{shared.key}' --yes"

    refused = _with_rights(portal, tmp_path, "reader", rights).s3link(line)
    assert ask(shared.link).status == 410  # its link is revoked all the same
    ran = _with_rights(
        portal, tmp_path, "remover", {**rights, "s3:DeleteObjectVersion": f"{bucket}/*"}
    ).s3link(line)

    assert refused.exit_code == 1
    assert "was not deleted: AWS denied s3:DeleteObjectVersion on " in refused.stderr
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith(f'Deleted "{shared.key}" (1 version, ')


def _with_rights(portal: Portal, folder: Path, name: str, rights: dict[str, str]) -> Operator:
    """An operator who works with a role that has these rights and no others."""
    iam, sts = portal.account.client("iam"), portal.account.client("sts")
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in rights.items()
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps(document))
    keys = sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
    config = folder / "s3link.toml"
    config.write_text(
        f'[s3link]\nregion = "{portal.aws.region}"\nendpoint_url = "{portal.aws.endpoint}"\n'
    )
    environment = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    return Operator(config, environment=environment)
