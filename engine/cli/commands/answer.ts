import { ErrorName, MillraceError } from "../../model/errors.ts";
import type { EventAnswer } from "../../model/event.ts";
import type { Json } from "../../model/json.ts";
import type { Output } from "../output.ts";
import { withSession, type PlatformOptions } from "../session.ts";

export interface AnswerOptions extends PlatformOptions {
  /** JSON. */
  readonly value?: string;
  /** Name of an error. */
  readonly error?: string;
  readonly message?: string;
}

/** `millrace answer`: answers `{ id, step }`. */
export async function answer(output: Output, id: string, step: string, options: AnswerOptions): Promise<void> {
  const given = answerOf(options);
  await withSession(options.stack, async ({ platform, workflows }) => {
    await workflows.answer(id, step, given);
    const obstacle = await platform.obstacle();
    const told = `Step "${step}" of run ${id} is answered.`;
    output.result({ id, step }, [told, ...(obstacle === undefined ? [] : [obstacle])].join(" "));
  });
}

function answerOf({ value, error, message }: AnswerOptions): EventAnswer {
  if ((value === undefined) === (error === undefined)) throw misused("Give either --value <json> or --error <name>.");
  if (value === undefined) return { error: { name: error ?? "", message: message ?? "" } };
  if (message !== undefined) throw misused("--message belongs to --error <name>.");
  try {
    return { value: JSON.parse(value) as Json };
  } catch {
    throw misused(`--value takes JSON such as {"approved":true}, not ${value}. A text needs its quotation marks.`);
  }
}

function misused(message: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_REQUEST, message);
}
