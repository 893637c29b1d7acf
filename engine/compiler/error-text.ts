import { withWhere } from "../model/wire.ts";
import { literal } from "./literal.ts";

/** What `withWhere` puts around its four texts, so that the machine writes exactly the same. */
const MARK = "\u0000";
const [, AT = "", SHOW = "", STACK = ""] = withWhere(MARK, MARK, MARK, MARK).split(MARK);

/**
 * The cause of a `throw`: `withWhere(message, at, stack, run)`. The run is shown by the execution's name, which is its
 * id unless somebody started the execution by hand.
 * @param message JSONata of the message.
 */
export function causeOf(message: string, at: string): string {
  const parts = [
    message,
    literal(`${AT}${at}${SHOW}`),
    "$states.context.Execution.Name",
    literal(STACK),
    '$substringBefore($states.context.StateMachine.Name, "_")',
  ];
  return `$join([${parts.join(", ")}], "")`;
}

export const CAUGHT_NAME = "$states.errorOutput.Error";

const MESSAGE_KEY = literal('"errorMessage":"');
const [BACKSLASH, QUOTE] = [literal("\\\\"), literal('\\"')];
const [HIDDEN_BACKSLASH, HIDDEN_QUOTE] = [literal("\u0001"), literal("\u0002")];
const BODY = `$replace($replace($substringBefore($hidden, "\\""), ${HIDDEN_BACKSLASH}, ${BACKSLASH}), ${HIDDEN_QUOTE}, ${QUOTE})`;

/**
 * The message of a caught error as it was thrown. The cause is the text of `withWhere` where a flow threw, Lambda's JSON
 * where a task did (perhaps cut), a plain text where a service did, and absent at a timeout. Total: of the JSON only the
 * text of the message is parsed, and only where its closing quote was found, escaped quotes being hidden meanwhile.
 */
export const CAUGHT_MESSAGE = [
  '($cause := $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : "";',
  `$parts := $split($cause, ${literal(AT)});`,
  `$hidden := $replace($replace($substringAfter($cause, ${MESSAGE_KEY}), ${BACKSLASH}, ${HIDDEN_BACKSLASH}), ${QUOTE}, ${HIDDEN_QUOTE});`,
  `$contains($cause, ${literal(SHOW)})`,
  `? $join([$filter($parts, function($part, $position) { $position < $count($parts) - 1 })[]], ${literal(AT)})`,
  `: $contains($cause, ${MESSAGE_KEY}) and $contains($hidden, "\\"")`,
  `? $parse("{\\"message\\":\\"" & ${BODY} & "\\"}").message`,
  ": $cause)",
].join(" ");
