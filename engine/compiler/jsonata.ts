import { CAUGHT } from "./error-text.ts";
import { type Element, type Expression, type Member, type Read, isRead, local } from "./expression.ts";
import { ATOM, FORMS, type Form, type FormName, type Part } from "./forms.ts";
import { literal } from "./literal.ts";

/** Above this many parts a text is joined from a list, whose depth does not grow with its length. */
const LONGEST_CHAIN = 3;

interface Printed {
  readonly text: string;
  /** How tightly it binds. */
  readonly binds: number;
}

/** JSONata of an expression. Every form that it can take is checked against JavaScript by the property tests. */
export function jsonata(expression: Expression): string {
  return printed(expression).text;
}

function printed(expression: Expression): Printed {
  switch (expression.kind) {
    case "constant":
      return atom(literal(expression.value));
    case "parameter":
    case "property":
    case "entry":
    case "element":
      return readOf(expression);
    case "caught":
      return atom(CAUGHT[expression.part]);
    case "array":
      return arrayOf(expression.elements);
    case "object":
      return objectOf(expression.members);
    case "text":
      return textOf(expression.parts);
    case "binary": {
      const tested = nullTested(expression);
      if (tested === undefined) return formed(expression.operator, part(expression.left), part(expression.right));
      if (!isRead(tested)) return formed("isNull", part(tested));
      return atPlace(tested, (place) => formed("isAbsent", place));
    }
    case "not": {
      const tested = nullTested(expression.operand);
      return tested === undefined ? formed("not", part(expression.operand)) : isThere(tested);
    }
    case "conditional":
      return formed("conditional", part(expression.condition), part(expression.whenTrue), part(expression.whenFalse));
    case "coalesce": {
      const { value, fallback } = expression;
      return isRead(value)
        ? atPlace(value, (place) => formed("readUnlessNull", place, part(fallback)))
        : formed("coalesce", part(value), part(fallback));
    }
    case "form":
      return formed(expression.form, ...expression.parts.map(part));
    case "lambda":
      return formed("lambda", part(expression.body), ...expression.parameters.map((name) => given(`$${name}`)));
    case "let":
      return formed("let", given(`$${expression.name}`), part(expression.value), part(expression.body));
    default:
      return atom(path(expression));
  }
}

function atom(text: string): Printed {
  return { text, binds: ATOM };
}

function formed(name: FormName, ...parts: readonly Part[]): Printed {
  const form: Form = FORMS[name];
  return { text: form.print(...parts), binds: form.binds };
}

function inner(name: FormName, ...parts: readonly Part[]): Part {
  return lazily(() => formed(name, ...parts));
}

function part(expression: Expression): Part {
  return lazily(() => printed(expression));
}

function lazily(print: () => Printed): Part {
  return (needed = 0) => {
    const { text, binds } = print();
    return binds < needed ? `(${text})` : text;
  };
}

function given(text: string): Part {
  return () => text;
}

/** What is said of the place of a read, which is written several times: what it begins with is computed once. */
function atPlace(read: Read, say: (place: Part) => Printed): Printed {
  const root = rootOf(read);
  if (!isComputed(root)) return say(place(read));
  return formed(
    "let",
    given("$value"),
    part(root),
    lazily(() => say(place(withRoot(read, local("value"))))),
  );
}

function rootOf(read: Expression): Expression {
  if (read.kind === "property" || read.kind === "entry") return rootOf(read.object);
  return read.kind === "element" ? rootOf(read.array) : read;
}

function withRoot(read: Expression, root: Expression): Expression {
  if (read.kind === "property" || read.kind === "entry") return { ...read, object: withRoot(read.object, root) };
  return read.kind === "element" ? { ...read, array: withRoot(read.array, root) } : root;
}

/** Whether a value is more than a path to it: what is read of it is written after parentheses. */
function isComputed(value: Expression): boolean {
  return value.kind === "parameter" ? value.default !== undefined : !PATHS.has(value.kind);
}

const PATHS: ReadonlySet<Expression["kind"]> = new Set([
  "variable",
  "local",
  "result",
  "input",
  "item",
  "index",
  "property",
  "entry",
  "element",
]);

/** A read itself, which is nothing where something on it is absent or null. */
function place(expression: Expression): Part {
  return () => path(expression);
}

/** What `value = null` tests. */
function nullTested(test: Expression): Expression | undefined {
  if (test.kind !== "binary" || test.operator !== "=") return undefined;
  return test.right.kind === "constant" && test.right.value === null ? test.left : undefined;
}

/** Whether a value is there and not null. */
function isThere(value: Expression): Printed {
  return isRead(value) ? atPlace(value, (place) => formed("isThere", place)) : formed("isNotNull", part(value));
}

function readOf(expression: Read): Printed {
  if (expression.kind === "parameter" && expression.default !== undefined) {
    return formed("readOr", place(expression), given(literal(expression.default)));
  }
  return isRead(expression) ? atPlace(expression, (place) => formed("read", place)) : atom(path(expression));
}

function path(expression: Expression): string {
  switch (expression.kind) {
    case "parameter":
      return step(given("$states.context.Execution.Input"), expression.name);
    case "variable":
    case "local":
      return `$${expression.name}`;
    case "result":
      return expression.enveloped ? "$states.result.Payload" : "$states.result";
    case "input":
      return step(given("$states.input"), expression.key);
    case "item":
      return "$states.context.Map.Item.Value";
    case "index":
      return "$states.context.Map.Item.Index";
    case "property":
      return step(base(expression.object), expression.key);
    case "entry":
      return formed("entry", base(expression.object), part(expression.key)).text;
    case "element": {
      const array = base(expression.array);
      const isWhole = isComputed(expression.array) || /^\$\w+$/.test(array());
      return formed("element", isWhole ? array : given(`(${array()})`), part(expression.index)).text;
    }
    default:
      return jsonata(expression);
  }
}

/** What a member or an element is read of. */
function base(expression: Expression): Part {
  return given(isComputed(expression) ? `(${jsonata(expression)})` : path(expression));
}

const PLAIN_KEY = /^(?!(?:and|or|in|true|false|null|function)$)[A-Za-z_][A-Za-z0-9_]*$/;

function step(object: Part, key: string): string {
  if (PLAIN_KEY.test(key)) return formed("member", object, given(key)).text;
  return /^[^`$\\%{}]+$/.test(key)
    ? formed("member", object, given(`\`${key}\``)).text
    : formed("entry", object, given(literal(key))).text;
}

function textOf(parts: readonly Expression[]): Printed {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return formed("string", part(only));
  if (parts.length <= LONGEST_CHAIN) return formed("&", ...parts.map(part));
  const texts = parts.map((one) => (one.kind === "constant" ? part(one) : inner("string", part(one))));
  return formed("join", inner("list", ...texts), given(literal("")));
}

/** JSONata flattens arrays in arrays, so an element that is one is wrapped once more and a spread is appended. */
function arrayOf(elements: readonly Element[]): Printed {
  const [only] = elements;
  if (only?.as === "spread" && elements.length === 1) return printed(only.value);
  const runs: Part[] = [];
  let run: Part[] = [];
  const close = (): void => {
    const closed = run;
    if (closed.length > 0) runs.push(inner("list", ...closed));
    run = [];
  };
  for (const { value, as } of elements) {
    if (as === "one" || (as === "list" && isConstructor(value))) run.push(part(value));
    else if (as === "list") run.push(inner("list", part(value)));
    else {
      close();
      runs.push(as === "spread" ? part(value) : inner("listOfUnknown", part(value)));
    }
  }
  close();
  const [first = inner("list"), ...others] = runs;
  return atom(others.reduce((all, one) => inner("append", all, one), first)());
}

/** Whether a list is written as one constructor, which an array around it leaves whole. */
function isConstructor(list: Expression): boolean {
  if (list.kind !== "array") return list.kind === "constant";
  const [only] = list.elements;
  if (only?.as === "spread" && list.elements.length === 1) return isConstructor(only.value);
  return list.elements.every(({ as }) => as === "one" || as === "list");
}

function objectOf(members: readonly Member[]): Printed {
  const isPlain = members.length === 1 || members.every((member) => typeof member.key === "string");
  if (isPlain && members.every((member) => member.key !== undefined && !member.maybe)) {
    return formed("object", ...members.map(pairOf));
  }
  const objects = members.map((member) => (member.key === undefined ? part(member.value) : objectOfOne(member)));
  return formed("merge", inner("list", ...objects));
}

/** A member in an object of its own, which is empty where it is left out. */
function objectOfOne(member: Member): Part {
  const { value, maybe } = member;
  if (maybe === false || (maybe === "absent" && !isRead(value))) return inner("object", pairOf(member));
  const isPath = isRead(value) && !isComputed(rootOf(value));
  const read = isPath ? value : local("value");
  const pair = inner(
    "pairIf",
    maybe === "absent" ? inner("exists", place(read)) : lazily(() => isThere(read)),
    keyOf(member),
    isPath ? place(value) : part(read),
  );
  return isPath ? pair : inner("let", part(read), maybe === "absent" ? place(value) : part(value), pair);
}

function pairOf(member: Member): Part {
  return inner("pair", keyOf(member), part(member.value));
}

function keyOf({ key = "" }: Member): Part {
  return typeof key === "string" ? given(literal(key)) : part(key);
}
