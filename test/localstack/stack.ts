import { rmSync } from "node:fs";
import { join } from "node:path";
import { must } from "./command.ts";

/** The two stacks that the runner deploys from the very app of this repository. */
export const STACK = "millrace";
export const OTHER_STACK = `${STACK}-2`;

/** A third one, of the catalogue in `coordination/`. */
export const COORDINATION = "coordination";
export const COORDINATION_APP = join(import.meta.dirname, "coordination");

/** What every client needs to reach LocalStack; nothing is checked there, so any key will do. */
export function credentials(endpoint: string): { [name: string]: string } {
  return {
    // with an address as host the SDK keeps bucket names in the path
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    CDK_DISABLE_CLI_TELEMETRY: "true",
  };
}

export interface Deployment {
  /** Directory of the cdk.json. */
  readonly app: string;
  readonly stack: string;
  readonly env: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
}

const CDK = join(import.meta.dirname, "../../node_modules/.bin/cdk");

export async function bootstrap(options: Omit<Deployment, "stack">): Promise<void> {
  const words = ["bootstrap", "aws://000000000000/us-east-1", "--no-notices"];
  await must("cdk bootstrap failed", CDK, words, { ...options, cwd: options.app });
}

/** Deploys a stack with the CDK's own command line, as a user does. */
export async function deploy({ app, stack, ...options }: Deployment): Promise<void> {
  const output = join(app, ".localstack", `cdk.out-${stack}`);
  const words = [
    "deploy",
    stack,
    "-c",
    `stack=${stack}`,
    "--require-approval",
    "never",
    "--no-notices",
    "--output",
    output,
  ];
  try {
    await must(`cdk deploy of the stack "${stack}" failed`, CDK, words, { ...options, cwd: app });
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
