import { CAUGHT_MESSAGE, CAUGHT_NAME } from "./error-text.ts";
import type { Element, Expression, Member } from "./expression.ts";
import { literal } from "./literal.ts";

/** How tightly an operator binds; what binds less than its place needs is put in parentheses. */
const BINDING = { "?": 20, or: 25, and: 30, "=": 40, "<": 40, "<=": 40, ">": 40, ">=": 40, "&": 50, "+": 50 };
const ATOM = 100;
/** Above this many parts a text is joined from a list, whose depth does not grow with its length. */
const LONGEST_CHAIN = 3;

/** JSONata of an expression. Every form that it can take is checked against JavaScript by the property tests. */
export function jsonata(expression: Expression): string {
  switch (expression.kind) {
    case "constant":
      return literal(expression.value);
    case "parameter":
    case "property":
    case "element":
      return readOf(expression);
    case "variable":
    case "result":
    case "input":
    case "item":
    case "index":
      return path(expression);
    case "caught":
      return expression.part === "name" ? CAUGHT_NAME : CAUGHT_MESSAGE;
    case "array":
      return arrayOf(expression.elements);
    case "object":
      return objectOf(expression.members);
    case "text":
      return joined(expression.parts);
    case "binary": {
      const { operator, left, right } = expression;
      if (isNullTest(expression))
        return isRead(left) ? `$not(${present(left)})` : `${operand(left, BINDING["="])} = null`;
      const binds = BINDING[operator];
      return `${operand(left, binds)} ${operator} ${operand(right, binds + 1)}`;
    }
    case "not":
      return isNullTest(expression.operand) ? present(expression.operand.left) : `$not(${jsonata(expression.operand)})`;
    case "conditional": {
      const { condition, whenTrue, whenFalse } = expression;
      return `${operand(condition, BINDING["?"] + 1)} ? ${operand(whenTrue, BINDING["?"] + 1)} : ${jsonata(whenFalse)}`;
    }
    case "coalesce":
      return coalesced(expression.value, expression.fallback);
    case "length":
      return `$count(${jsonata(expression.array)})`;
    case "prefixed":
      return `[$map(${jsonata(expression.texts)}, function($text) { ${literal(expression.prefix)} & $text })[]]`;
  }
}

type Binary = Extract<Expression, { kind: "binary" }>;

function isNullTest(expression: Expression): expression is Binary {
  if (expression.kind !== "binary" || expression.operator !== "=") return false;
  return expression.right.kind === "constant" && expression.right.value === null;
}

/** Whether a value is there and not null. */
function present(value: Expression): string {
  return isRead(value)
    ? `$exists(${path(value)}) and ${path(value)} != null`
    : `${operand(value, BINDING["="] + 1)} != null`;
}

function bindingOf(expression: Expression): number {
  switch (expression.kind) {
    case "binary":
      return isNullTest(expression) && isRead(expression.left) ? ATOM : BINDING[expression.operator];
    case "not":
      return isNullTest(expression.operand) ? BINDING[isRead(expression.operand.left) ? "and" : "="] : ATOM;
    case "conditional":
      return BINDING["?"];
    case "coalesce":
      return isRead(expression.value) ? BINDING["?"] : ATOM;
    case "text":
      return expression.parts.length > 1 && expression.parts.length <= LONGEST_CHAIN ? BINDING["&"] : ATOM;
    case "parameter":
      return expression.maybe || expression.default !== undefined ? BINDING["?"] : ATOM;
    case "property":
    case "element":
      return expression.maybe ? BINDING["?"] : ATOM;
    default:
      return ATOM;
  }
}

function operand(expression: Expression, needed: number): string {
  const text = jsonata(expression);
  return bindingOf(expression) < needed ? `(${text})` : text;
}

type Read = Extract<Expression, { kind: "parameter" | "property" | "element" }>;

/** A read that may find nothing, and has no default of its own. */
function isRead(expression: Expression): expression is Read {
  if (expression.kind === "parameter") return expression.maybe;
  return (expression.kind === "property" || expression.kind === "element") && expression.maybe;
}

function readOf(expression: Read): string {
  const text = path(expression);
  if (expression.kind === "parameter" && expression.default !== undefined) {
    return `$exists(${text}) ? ${text} : ${literal(expression.default)}`;
  }
  return expression.maybe ? `$exists(${text}) ? ${text} : null` : text;
}

/** The read itself, which is nothing where something on it is absent or null. */
function path(expression: Expression): string {
  switch (expression.kind) {
    case "parameter":
      return step("$states.context.Execution.Input", expression.name);
    case "variable":
      return `$${expression.name}`;
    case "result":
      return expression.enveloped ? "$states.result.Payload" : "$states.result";
    case "input":
      return step("$states.input", expression.key);
    case "item":
      return "$states.context.Map.Item.Value";
    case "index":
      return "$states.context.Map.Item.Index";
    case "property":
      return step(base(expression.object), expression.key);
    case "element": {
      const array = base(expression.array);
      return `(${/^\$\w+$/.test(array) ? array : `(${array})`}[${jsonata(expression.index)}])`;
    }
    default:
      return `(${jsonata(expression)})`;
  }
}

function base(expression: Expression): string {
  return expression.kind === "parameter" && expression.default !== undefined
    ? `(${jsonata(expression)})`
    : path(expression);
}

const PLAIN_KEY = /^(?!(?:and|or|in|true|false|null|function)$)[A-Za-z_][A-Za-z0-9_]*$/;

function step(object: string, key: string): string {
  if (PLAIN_KEY.test(key)) return `${object}.${key}`;
  return /^[^`$\\%{}]+$/.test(key) ? `${object}.\`${key}\`` : `$lookup(${object}, ${literal(key)})`;
}

function coalesced(value: Expression, fallback: Expression): string {
  if (!isRead(value)) return `($value := ${jsonata(value)}; $value != null ? $value : ${jsonata(fallback)})`;
  return `${present(value)} ? ${path(value)} : ${jsonata(fallback)}`;
}

function joined(parts: readonly Expression[]): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return `$string(${jsonata(only)})`;
  if (parts.length <= LONGEST_CHAIN) return parts.map((part) => operand(part, BINDING["&"] + 1)).join(" & ");
  const texts = parts.map((part) => (part.kind === "constant" ? literal(part.value) : `$string(${jsonata(part)})`));
  return `$join([${texts.join(", ")}], "")`;
}

/** JSONata flattens arrays in arrays, so an element that is one is wrapped once more and a spread is appended. */
function arrayOf(elements: readonly Element[]): string {
  const runs: string[] = [];
  let run: string[] = [];
  const close = (): void => {
    if (run.length > 0) runs.push(`[${run.join(", ")}]`);
    run = [];
  };
  for (const { value, as } of elements) {
    const text = jsonata(value);
    if (as === "one" || (as === "list" && value.kind === "array")) run.push(text);
    else if (as === "list") run.push(`[${text}]`);
    else {
      close();
      runs.push(as === "spread" ? text : `($value := ${text}; $type($value) = "array" ? [[$value]] : [$value])`);
    }
  }
  close();
  return runs.length === 0 ? "[]" : runs.reduce((all, one) => `$append(${all}, ${one})`);
}

function objectOf(members: readonly Member[]): string {
  if (members.every((member) => member.key !== undefined && !member.maybe))
    return `{${members.map(memberOf).join(", ")}}`;
  const parts = members.map((member) => {
    if (member.key === undefined) return jsonata(member.value);
    if (!member.maybe) return `{${memberOf(member)}}`;
    const text = isRead(member.value) ? path(member.value) : jsonata(member.value);
    return `${present(member.value)} ? {${literal(member.key)}: ${text}} : {}`;
  });
  return `$merge([${parts.join(", ")}])`;
}

function memberOf(member: Member): string {
  return `${literal(member.key ?? "")}: ${jsonata(member.value)}`;
}
