import { ErrorName, MillraceError } from "../model/errors.ts";

/** Where and what for a service of AWS was asked. */
export interface Place {
  readonly stack: string;
  readonly region: string;
  /** `submit a run`, `read its log lines`. */
  readonly doing: string;
}

const DENIED =
  /AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|InvalidClientTokenId|ExpiredToken/;
const ABSENT = /ResourceNotFound|StateMachineDoesNotExist|NoSuchBucket/;

/** What a caller is told of an error that a service or the SDK raised. */
export function serviceError(thrown: unknown, { stack, region, doing }: Place): Error {
  if (thrown instanceof MillraceError || !(thrown instanceof Error)) return thrown as Error;
  const options = { cause: thrown };
  const name = thrown.name;
  if (name === "CredentialsProviderError" || /could not load credentials/i.test(thrown.message)) {
    const message = `AWS credentials are needed to ${doing} of stack "${stack}", and none were found. Set AWS_PROFILE, or sign in with \`aws sso login\`.`;
    return new MillraceError(ErrorName.ACCESS_DENIED, message, options);
  }
  if (DENIED.test(name)) {
    const message = `AWS did not let these credentials ${doing} of stack "${stack}" in ${region}: ${thrown.message}. Use credentials that may, or have the permission granted.`;
    return new MillraceError(ErrorName.ACCESS_DENIED, message, options);
  }
  if (thrown.message === "Region is missing") {
    const message = `No AWS region is chosen to look for stack "${stack}" in. Set AWS_REGION, or the region of your AWS profile.`;
    return new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, message, options);
  }
  if (ABSENT.test(name)) {
    const message = `There is no stack "${stack}" in ${region}. Deploy it with \`npx cdk deploy -c stack=${stack}\`, or choose another stack, region or account.`;
    return new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, message, options);
  }
  const message = `AWS could not ${doing} of stack "${stack}" in ${region}: ${thrown.message || name}. Try again; if it stays so, look at the AWS Health Dashboard.`;
  return new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, message, options);
}

/** The failure of a Lambda function as it was answered: an error of ours keeps its name and message. */
export function functionError(name: string, payload: string): MillraceError {
  const failure = JSON.parse(payload) as { readonly errorType?: string; readonly errorMessage?: string };
  const { errorType = "Error", errorMessage = payload } = failure;
  const known = Object.values(ErrorName).find((own) => own === errorType);
  if (known !== undefined) return new MillraceError(known, errorMessage);
  return new MillraceError(
    ErrorName.PLATFORM_UNAVAILABLE,
    `The Lambda function ${name} failed with ${errorType}: ${errorMessage}. Its log group is /aws/lambda/${name}.`,
  );
}
