import { CAUSED_BY, withWhere } from "../model/wire.ts";
import { literal } from "./literal.ts";

/** What `withWhere` puts around its four texts, so that the machine writes exactly the same. */
const MARK = "\u0000";
const [, AT = "", SHOW = "", STACK = ""] = withWhere(MARK, MARK, MARK, MARK).split(MARK);

/**
 * The cause of a `throw`: `withWhere(message, at, stack, run, cause)`. The run is shown by the execution's name, which is
 * its id unless somebody started the execution by hand.
 * @param message JSONata of the message.
 * @param cause JSONata of an `ErrorCause` or null.
 */
export function causeOf(message: string, at: string, cause?: string): string {
  const where =
    cause === undefined
      ? [literal(`${AT}${at}${SHOW}`)]
      : [
          literal(`${AT}${at}`),
          `($value := ${cause}; $value = null ? "" : ${literal(CAUSED_BY)} & $string($value))`,
          literal(SHOW),
        ];
  const parts = [
    message,
    ...where,
    "$states.context.Execution.Name",
    literal(STACK),
    '$substringBefore($states.context.StateMachine.Name, "_")',
  ];
  return `$join([${parts.join(", ")}], "")`;
}

const MESSAGE_KEY = literal('"errorMessage":"');
const [BACKSLASH, QUOTE] = [literal("\\\\"), literal('\\"')];
const [HIDDEN_BACKSLASH, HIDDEN_QUOTE] = [literal("\u0001"), literal("\u0002")];
const UNTIL_QUOTE = `$replace($replace($substringBefore($hidden, "\\""), ${HIDDEN_BACKSLASH}, ${BACKSLASH}), ${HIDDEN_QUOTE}, ${QUOTE})`;

const CAUSE = '$cause := $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : "";';

/** The text, up to its closing quote, of a JSON text that begins in the middle of one. */
function hiding(text: string): string {
  return `$hidden := $replace($replace(${text}, ${BACKSLASH}, ${HIDDEN_BACKSLASH}), ${QUOTE}, ${HIDDEN_QUOTE});`;
}
const SHOWN = `$parse("{\\"message\\":\\"" & ${UNTIL_QUOTE} & "\\"}").message`;

/**
 * The message of a caught error as it was thrown. The cause is the text of `withWhere` where a flow threw, Lambda's JSON
 * where a task did (perhaps cut), a plain text where a service did, and absent at a timeout. Total: of the JSON only the
 * text of the message is parsed, and only where its closing quote was found, escaped quotes being hidden meanwhile.
 */
const MESSAGE = [
  `(${CAUSE}`,
  `$parts := $split($cause, ${literal(AT)});`,
  hiding(`$substringAfter($cause, ${MESSAGE_KEY})`),
  `$contains($cause, ${literal(SHOW)})`,
  `? $join([$filter($parts, function($part, $position) { $position < $count($parts) - 1 })[]], ${literal(AT)})`,
  `: $contains($cause, ${MESSAGE_KEY}) and $contains($hidden, "\\"")`,
  `? ${SHOWN}`,
  ": $cause)",
].join(" ");

/** The line of the cause as it stands in a stack, and all that may stand behind it there. */
const CAUSE_LINE = literal(`,"${CAUSED_BY.slice(1)}`);

/**
 * The `ErrorCause` of a caught error, null where it has none. Total, and no message can feign one: `withWhere` comes last
 * and writes it as the line before the last one, of a throw's text and of the stack in Lambda's JSON alike.
 */
const CAUSE_OF_CAUGHT = [
  `(${CAUSE}`,
  `$text := $split($cause, ${literal(AT)})[-1];`,
  `$parts := $split($cause, ${CAUSE_LINE});`,
  hiding("$parts[-1]"),
  '$value := $split($substringAfter($hidden, "\\""), "\\"");',
  `$contains($cause, ${literal(SHOW)})`,
  `? ($contains($text, ${literal(CAUSED_BY)}) ? $parse($substringBefore($substringAfter($text, ${literal(CAUSED_BY)}), ${literal(SHOW)})) : null)`,
  ': $count($parts) > 1 and $count($value) = 3 and $value[2] = "]}"',
  `? $parse(${SHOWN})`,
  ": null)",
].join(" ");

/** JSONata of what a catcher knows of an error. */
export const CAUGHT = { name: "$states.errorOutput.Error", message: MESSAGE, cause: CAUSE_OF_CAUGHT };
