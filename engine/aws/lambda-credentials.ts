import { ErrorName, MillraceError } from "../model/errors.ts";

/** Credentials as Lambda gives them to a function. */
export interface LambdaCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of Lambda functions: there credentials come from
 * the environment alone, and the chain of other sources would be a fifth of a bundle.
 */
export function defaultProvider(): () => Promise<LambdaCredentials> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = process.env;
  return async () => {
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new MillraceError(
        ErrorName.PLATFORM_UNAVAILABLE,
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, as they are in every Lambda function. Run this code in one.",
      );
    }
    return { accessKeyId, secretAccessKey, ...(token !== undefined && { sessionToken: token }) };
  };
}
