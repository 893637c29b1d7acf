import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Accepts one finding of cdk-nag on a construct and what is below it. A test freezes the whole list. */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** Accepts that a role's policy names this ARN with a `*` in it. */
export function acknowledgeWildcard(scope: IConstruct, arn: string, reason: string): void {
  acknowledge(scope, `IAM5[Resource::${flat(Stack.of(scope).resolve(arn))}]`, reason);
}

/** An ARN as findings spell it: `<Ref>` and `<Resource.Attribute>` where the template has intrinsic functions. */
function flat(part: unknown): string {
  if (typeof part === "string") return part;
  const [[name, value] = []] = Object.entries(part as { [name: string]: unknown });
  if (name === "Fn::Join") return (value as [string, unknown[]])[1].map(flat).join("");
  return `<${name === "Ref" ? String(value) : (value as string[]).join(".")}>`;
}
