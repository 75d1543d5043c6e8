"""IAM role, with its inline policies in the form that moto's own enforcement reads."""

from __future__ import annotations

import json

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
    pairs,
    retag,
)


class Role(ResourceType):
    type_name = "AWS::IAM::Role"
    properties = frozenset(
        {
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        }
    )
    replaced_by = frozenset({"RoleName", "Path"})
    name_property = "RoleName"

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        self._require_boundary(properties, context)
        name = properties.get("RoleName") or context.generated_name()
        role = context.clients.iam.create_role(
            RoleName=name,
            Path=properties.get("Path", "/"),
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
            Description=properties.get("Description", ""),
            MaxSessionDuration=int(properties.get("MaxSessionDuration", 3600)),
            Tags=pairs(context.tags(properties)),
        )["Role"]
        physical = PhysicalResource(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        self._bound(name, properties, context)
        self._grant(physical, {}, properties, context)
        return physical

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        iam = context.clients.iam
        iam.update_assume_role_policy(
            RoleName=physical.physical_id,
            PolicyDocument=json.dumps(after["AssumeRolePolicyDocument"]),
        )
        iam.update_role(
            RoleName=physical.physical_id,
            Description=after.get("Description", ""),
            MaxSessionDuration=int(after.get("MaxSessionDuration", 3600)),
        )
        self._bound(physical.physical_id, after, context)
        self._grant(physical, before, after, context)
        name, current = (
            physical.physical_id,
            iam.list_role_tags(RoleName=physical.physical_id)["Tags"],
        )
        retag(
            {tag["Key"]: tag["Value"] for tag in current},
            context.tags(after),
            lambda keys: iam.untag_role(RoleName=name, TagKeys=keys),
            lambda tags: iam.tag_role(RoleName=name, Tags=pairs(tags)),
        )
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        self._grant(physical, properties, {}, context)
        context.clients.iam.delete_role(RoleName=physical.physical_id)

    def _bound(self, name: str, properties: Properties, context: Context) -> None:
        """Set the permissions boundary, or take it away."""
        iam = context.clients.iam
        boundary = properties.get("PermissionsBoundary")
        if boundary:
            self._require_boundary(properties, context)
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            iam.delete_role_permissions_boundary(RoleName=name)

    def _require_boundary(self, properties: Properties, context: Context) -> None:
        """Raise ResourceError for one that is not there, which moto would take."""
        iam = context.clients.iam
        boundary = properties.get("PermissionsBoundary")
        try:
            if boundary:
                iam.get_policy(PolicyArn=boundary)
        except iam.exceptions.NoSuchEntityException as exc:
            raise ResourceError(
                f"Scope ARN: {boundary} does not exist or is not attachable."
            ) from exc

    def _grant(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> None:
        """Give the policies of `after` and take away those that only `before` had."""
        iam, name = context.clients.iam, physical.physical_id
        wanted = {policy["PolicyName"]: policy for policy in after.get("Policies", [])}
        for policy in before.get("Policies", []):
            if policy["PolicyName"] not in wanted:
                iam.delete_role_policy(RoleName=name, PolicyName=policy["PolicyName"])
        for policy_name, policy in wanted.items():
            iam.put_role_policy(
                RoleName=name,
                PolicyName=policy_name,
                PolicyDocument=json.dumps(policy["PolicyDocument"]),
            )
        attached = after.get("ManagedPolicyArns", [])
        for arn in before.get("ManagedPolicyArns", []):
            if arn not in attached:
                iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in attached:
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
