import { SETTLE_FUNCTION, SUBMIT_FUNCTION, SWEEP_FUNCTION } from "../engine/model/wire.ts";
import { OWN_FUNCTIONS } from "./own-functions.ts";

const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];

/** What a domain's function does: its items and blobs, and calls of submit and lock. */
const DOMAIN = [
  ...["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"].map((action) => `dynamodb:${action}`),
  "lambda:InvokeFunction",
  ...["DeleteObject", "GetObject", "ListBucket", "PutObject"].map((action) => `s3:${action}`),
];

/** What Millrace's own functions do beside items and runs. */
const BESIDE: { readonly [name: string]: readonly string[] } = {
  [SUBMIT_FUNCTION]: [
    "iam:PassRole",
    "scheduler:CreateSchedule",
    "scheduler:DeleteSchedule",
    ...["GetQueueAttributes", "GetQueueUrl", "SendMessage"].map((action) => `sqs:${action}`),
  ],
  [SETTLE_FUNCTION]: [
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ReceiveMessage",
  ].map((action) => `sqs:${action}`),
  [SWEEP_FUNCTION]: ["lambda:DeleteFunction", "lambda:ListVersionsByFunction", "scheduler:DeleteSchedule"],
};

/** The actions of a function's role by the function's name, sorted, for the plan; the template is held against it. */
export function roleActions(name: string): readonly string[] {
  const own = OWN_FUNCTIONS.find((one) => one.name === name);
  if (own === undefined) return [...DOMAIN, ...LOGS].sort();
  const items = own.items.flatMap(([, actions]) => actions.map((action) => `dynamodb:${action}`));
  const runs = [...own.machines, ...own.executions].map((action) => `states:${action}`);
  return [...new Set([...items, ...runs, ...(BESIDE[name] ?? []), ...LOGS])].sort();
}
