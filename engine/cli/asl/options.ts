/** The options of `millrace asl`. */
export interface AslOptions {
  readonly input: string;
  readonly tasks?: string;
}

/** What its help says beside them. */
export const ASL = `
Prints { status, output | error and cause, calls, events } as JSON, with calls and events in virtual-time order and then
branch or item order. The execution begins at 2026-01-01T00:00:00.000Z; an hour of waiting takes no time.

The tasks file answers the calls of each state, one entry for each call in turn; a retry is a call, the last entry repeats:
  { "<state>": [{ "result": … }, { "error": "…", "cause": "…", "delaySeconds": 3 }] }
"result" is what the integration returns: { "Payload": … } for lambda:invoke, the bare result for a function's ARN, and
for .waitForTaskToken what the token is answered with.

Exit codes: 0 SUCCEEDED; 1 FAILED or TIMED_OUT; 2 a file is missing, or a call has no entry; 7 Step Functions would refuse the definition, or
            it is in JSONPath; 8 it reads or writes a bucket (ItemReader, ResultWriter)`;
