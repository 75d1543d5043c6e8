"""What the generator stack has only with GatherPeriod: the table of files that wait, and the
schedules by which LinkGenerator is invoked again."""

from __future__ import annotations

from link_generator import gathered_files

from tests.templates.reading import GENERATOR

WITH_A_PERIOD = {
    "GatheredFiles",
    "GatheringScheduleGroup",
    "GatheringRole",
    "GatheringRolePolicy",
}


def test_period() -> None:
    """Off by default, and at most a quarter of an hour."""
    period = GENERATOR.parameters["GatherPeriod"]

    assert (period["Default"], period["MinValue"], period["MaxValue"]) == (0, 0, 900)


def test_nothing_is_there_without_a_period() -> None:
    """Neither resources nor rights."""
    conditional = {
        name
        for name, resource in GENERATOR.resources.items()
        if resource.get("Condition") == "HasGatherPeriod"
    }
    [policy] = GENERATOR.properties("LinkGeneratorRole")["Policies"]
    rights = {
        one["Fn::If"][1]["Sid"]
        for one in policy["PolicyDocument"]["Statement"]
        if one.get("Fn::If", [""])[0] == "HasGatherPeriod"
    }

    assert conditional == WITH_A_PERIOD
    assert rights == {
        "LetFilesWaitForOthers",
        "HaveItselfInvokedOnceFilesAreComplete",
        "HandThisRoleToSchedulesOnly",
        "PutManifestsOfFilesThatWaited",
    }


def test_table_has_the_keys_that_the_function_writes() -> None:
    """Two of them, billed by request, with backups, and with an end for each row."""
    table = GENERATOR.properties("GatheredFiles")

    assert table["KeySchema"] == [
        {"AttributeName": gathered_files.SUBJECT, "KeyType": "HASH"},
        {"AttributeName": gathered_files.ITEM, "KeyType": "RANGE"},
    ]
    assert table["TimeToLiveSpecification"] == {
        "AttributeName": gathered_files.EXPIRES_AT,
        "Enabled": True,
    }
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_only_its_own_schedules_use_the_role() -> None:
    """No schedule of another account, nor of another group of this one."""
    [trust] = GENERATOR.properties("GatheringRole")["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"},
            "aws:SourceArn": {"Fn::GetAtt": "GatheringScheduleGroup.Arn"},
        }
    }


def test_schedules_may_call_link_generator_only() -> None:
    """And put into its queue what they could not call it with."""
    statements = GENERATOR.properties("GatheringRolePolicy")["PolicyDocument"]["Statement"]

    assert {one["Action"]: one["Resource"] for one in statements} == {
        "lambda:InvokeFunction": {"Fn::GetAtt": "LinkGenerator.Arn"},
        "sqs:SendMessage": {"Fn::GetAtt": "DeadLetterQueue.Arn"},
    }


def test_link_generator_hands_the_role_to_schedules_only() -> None:
    """Otherwise it could give it to a function of its own."""
    [statement] = [one for one in GENERATOR.statements if one.sid == "HandThisRoleToSchedulesOnly"]

    assert statement.content["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }
