import type { Form, FormName, Part } from "../../../engine/compiler/forms.ts";

type Print = Form["print"];

function infix(operator: string): Print {
  return (...parts) => parts.map((part) => part(100)).join(` ${operator} `);
}

/** As infix forms are printed, but for the parentheses of a second part that binds as tightly. */
function loosely(operator: string, binds: number): Print {
  return (...parts) => parts.map((part) => part(binds)).join(` ${operator} `);
}

function call(name: string): Print {
  return (...parts) => `$${name}(${parts.map((part) => part()).join(", ")})`;
}

const first: Print = (part) => printed(part);
const printed = (part: Part | undefined): string => part?.() ?? "";

/** Each form as somebody might get it wrong. */
export const WRONG_FORMS: { readonly [form in FormName]: Print } = {
  member: (object) => printed(object),
  entry: (object, key) => `${printed(object)}[${printed(key)}]`,
  element: (array, index) => `(${printed(array)}[${printed(index)} - 1])`,
  read: first,
  readOr: (place) => `$exists(${printed(place)}) ? ${printed(place)} : null`,
  readUnlessNull: (place, fallback) => `$exists(${printed(place)}) ? ${printed(place)} : ${printed(fallback)}`,
  exists: call("boolean"),
  isThere: call("exists"),
  isAbsent: (place) => `$not($exists(${printed(place)}))`,
  has: (object, key) => `$boolean($lookup(${printed(object)}, ${printed(key)}))`,
  or: infix("and"),
  and: infix("or"),
  "=": infix("!="),
  "<": infix("<="),
  "<=": infix("<"),
  ">": infix(">="),
  ">=": infix(">"),
  in: infix("="),
  not: call("boolean"),
  isNull: (value) => `$not($exists(${printed(value)}))`,
  isNotNull: call("boolean"),
  type: () => '"array"',
  conditional: (test, yes, no) => `${printed(test)} ? ${printed(no)} : ${printed(yes)}`,
  coalesce: (value, fallback) => `($value := ${printed(value)}; $value ? $value : ${printed(fallback)})`,
  "+": infix("-"),
  "-": loosely("-", 50),
  "*": loosely("*", 50),
  "/": infix("*"),
  "%": infix("/"),
  negate: (value) => `0 - ${value?.(50) ?? ""}`,
  floor: call("round"),
  ceil: (value) => `$floor(${printed(value)}) + 1`,
  abs: first,
  round: call("round"),
  trunc: call("floor"),
  sign: (value) => `(${printed(value)} < 0 ? -1 : 1)`,
  min: call("max"),
  max: call("min"),
  "&": (...parts) => parts.toReversed().map(printed).join(" & "),
  string: first,
  join: (texts) => `$join(${printed(texts)})`,
  split: (text, separator) => `$split(${printed(text)}, ${printed(separator)}, 1)`,
  contains: (text, part) => `$contains(${printed(part)}, ${printed(text)})`,
  before: call("substringAfter"),
  uppercase: call("lowercase"),
  lowercase: call("uppercase"),
  replaceAll: (text, part, other) => `$replace(${printed(text)}, ${printed(part)}, ${printed(other)}, 1)`,
  replace: call("replace"),
  pad: (text, width) => `$pad(${printed(text)}, ${printed(width)})`,
  list: (...elements) => (elements.length === 1 ? printed(elements[0]) : `[${elements.map(printed).join(", ")}]`),
  listOfUnknown: (value) => `[${printed(value)}]`,
  append: (left, right) => `$append(${printed(right)}, ${printed(left)})`,
  count: (list) => `$count($distinct(${printed(list)}))`,
  map: (list, body) => `[$map(${printed(list)}, ${printed(body)})]`,
  filter: (list, body) => `[$filter(${printed(list)}, ${printed(body)})]`,
  reduce: (list, body) => `$reduce(${printed(list)}, ${printed(body)})`,
  sort: first,
  sortBy: (list) => `$sort(${printed(list)})`,
  reverse: first,
  range: (count) => `[0..${printed(count)}]`,
  object: (...members) => `{${members.slice(1).map(printed).join(", ")}}`,
  merge: (objects) => `$merge($reverse(${printed(objects)}))`,
  pair: (key, value) => `${printed(key)}: [${printed(value)}]`,
  pairIf: (_, key, value) => `{${printed(key)}: ${printed(value)}}`,
  keys: call("keys"),
  each: call("each"),
  lambda: (body, ...parameters) => `function(${parameters.slice(1).map(printed).join(", ")}) { ${printed(body)} }`,
  let: (name, value) => `(${printed(name)} := ${printed(value)}; ${printed(name)})`,
  now: () => "$millis()",
  uuid: () => '"a-uuid"',
  seconds: first,
  timestamp: first,
};
