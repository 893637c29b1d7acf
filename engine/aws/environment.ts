import { ErrorName, MillraceError } from "../model/errors.ts";

/** What a Lambda function of ours is told by its deployment. */
export type Variable =
  | "MILLRACE_STACK"
  | "MILLRACE_TABLE"
  | "MILLRACE_BUCKET"
  | "MILLRACE_DOMAIN"
  | "MILLRACE_MAX_AGE"
  | "MILLRACE_SCHEDULE_ROLE";

/** @throws MillraceError `PlatformUnavailable` */
export function variable(name: Variable): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  throw new MillraceError(
    ErrorName.PLATFORM_UNAVAILABLE,
    `The environment variable ${name} of this Lambda function is not set. Deploy the stack again with \`npx cdk deploy\`.`,
  );
}

/** The part of Lambda's context that is used. */
export interface LambdaContext {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}
