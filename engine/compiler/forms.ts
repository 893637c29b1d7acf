import { MOST_SECONDS } from "../model/pause.ts";

/** The text of a part, in parentheses where it binds less tightly than is needed. */
export type Part = (needed?: number) => string;

/** One way in which a value is written as JSONata. */
export interface Form {
  /** How tightly the text binds. */
  readonly binds: number;
  readonly print: (...parts: readonly Part[]) => string;
}

const CHOICE = 20;
const OR = 25;
const AND = 30;
const COMPARED = 40;
const SUM = 50;
const PRODUCT = 60;
export const ATOM = 100;

function infix(operator: string, binds: number): Form {
  return {
    binds,
    print: (...parts) => parts.map((part, at) => part(at === 0 ? binds : binds + 1)).join(` ${operator} `),
  };
}

function atom(print: Form["print"]): Form {
  return { binds: ATOM, print };
}

function choice(print: Form["print"]): Form {
  return { binds: CHOICE, print };
}

/** All of several, which may be none or a single array: JSONata itself gives nothing then, or the array's elements. */
function all(several: string): string {
  return `$append([], ${several}[])`;
}

function there(place: Part): string {
  return `$exists(${place()}) and ${place()} != null`;
}

/**
 * Every form that an expression can take. Each is total: it gives a value wherever its parts do, and JavaScript's, on
 * every engine. `place` is a read that may find nothing, and `body` what a function of `parameters` gives.
 */
export const FORMS = {
  // Reads
  member: atom((object, key) => `${object()}.${key()}`),
  entry: atom((object, key) => `$lookup(${object()}, ${key()})`),
  /** A second index after a first one would be ignored, so each stands in parentheses. */
  element: atom((array, index) => `(${array(ATOM)}[${index()}])`),
  read: choice((place) => `$exists(${place()}) ? ${place()} : null`),
  readOr: choice((place, fallback) => `$exists(${place()}) ? ${place()} : ${fallback()}`),
  readUnlessNull: choice((place, fallback) => `${there(place)} ? ${place()} : ${fallback()}`),
  exists: atom((place) => `$exists(${place()})`),
  isThere: { binds: AND, print: there },
  isAbsent: atom((place) => `$not(${there(place)})`),
  has: atom((object, key) => `$exists($lookup(${object()}, ${key()}))`),
  // Conditions
  or: infix("or", OR),
  and: infix("and", AND),
  "=": infix("=", COMPARED),
  "<": infix("<", COMPARED),
  "<=": infix("<=", COMPARED),
  ">": infix(">", COMPARED),
  ">=": infix(">=", COMPARED),
  in: infix("in", COMPARED),
  not: atom((value) => `$not(${value()})`),
  isNull: { binds: COMPARED, print: (value) => `${value(COMPARED)} = null` },
  isNotNull: { binds: COMPARED, print: (value) => `${value(COMPARED + 1)} != null` },
  type: atom((value) => `$type(${value()})`),
  conditional: choice((test, yes, no) => `${test(CHOICE + 1)} ? ${yes(CHOICE + 1)} : ${no()}`),
  coalesce: atom((value, fallback) => `($value := ${value()}; $value != null ? $value : ${fallback()})`),
  // Numbers
  "+": infix("+", SUM),
  "-": infix("-", SUM),
  "*": infix("*", PRODUCT),
  "/": infix("/", PRODUCT),
  "%": infix("%", PRODUCT),
  negate: { binds: SUM, print: (value) => `0 - ${value(SUM + 1)}` },
  floor: atom((value) => `$floor(${value()})`),
  ceil: atom((value) => `$ceil(${value()})`),
  abs: atom((value) => `$abs(${value()})`),
  /** JSONata's own rounds a half to the even side, and `x + 0.5` rounds itself. */
  round: atom((value) => `($value := ${value()}; $floor($value) + ($value - $floor($value) >= 0.5 ? 1 : 0))`),
  trunc: atom((value) => `($value := ${value()}; $value < 0 ? $ceil($value) : $floor($value))`),
  sign: atom((value) => `($value := ${value()}; $value > 0 ? 1 : $value < 0 ? -1 : 0)`),
  min: atom((values) => `$min(${values()})`),
  max: atom((values) => `$max(${values()})`),
  // Texts
  "&": infix("&", SUM),
  string: atom((value) => `$string(${value()})`),
  join: atom((texts, separator) => `$join(${texts()}, ${separator()})`),
  split: atom((text, separator) => `$split(${text()}, ${separator()})`),
  contains: atom((text, part) => `$contains(${text()}, ${part()})`),
  before: atom((text, part) => `$substringBefore(${text()}, ${part()})`),
  uppercase: atom((text) => `$uppercase(${text()})`),
  lowercase: atom((text) => `$lowercase(${text()})`),
  replaceAll: atom((text, part, other) => `$replace(${text()}, ${part()}, ${other()})`),
  replace: atom((text, part, other) => `$replace(${text()}, ${part()}, ${other()}, 1)`),
  pad: atom((text, width, filler) => `$pad(${text()}, ${width()}, ${filler()})`),
  // Lists
  list: atom((...elements) => `[${elements.map((element) => element()).join(", ")}]`),
  /** JSONata flattens an array in an array, unless that is written as one itself. */
  listOfUnknown: atom((value) => `($value := ${value()}; $type($value) = "array" ? [[$value]] : [$value])`),
  append: atom((left, right) => `$append(${left()}, ${right()})`),
  count: atom((list) => `$count(${list()})`),
  map: atom((list, body) => all(`$map(${list()}, ${body()})`)),
  filter: atom((list, body) => all(`$filter(${list()}, ${body()})`)),
  reduce: atom((list, body, initial) => `$reduce(${list()}, ${body()}, ${initial()})`),
  sort: atom((list) => `$sort(${list()})`),
  sortBy: atom((list, body) => `$sort(${list()}, ${body()})`),
  reverse: atom((list) => `$reverse(${list()})`),
  range: atom((count) => `[0..${count(SUM)} - 1]`),
  // Objects
  object: atom((...members) => `{${members.map((member) => member()).join(", ")}}`),
  merge: atom((objects) => `$merge(${objects()})`),
  pair: atom((key, value) => `${key()}: ${value()}`),
  pairIf: choice((isThere, key, value) => `${isThere()} ? {${key()}: ${value()}} : {}`),
  keys: atom((object) => all(`$keys(${object()})`)),
  each: atom((object, body) => all(`$each(${object()}, ${body()})`)),
  // Functions and names
  lambda: atom((body, ...parameters) => `function(${parameters.map((name) => name()).join(", ")}) { ${body()} }`),
  let: atom((name, value, body) => `(${name()} := ${value()}; ${body()})`),
  // What a machine knows of time and chance
  now: atom(() => "$now()"),
  uuid: atom(() => "$uuid()"),
  /** A Wait takes whole seconds, and a time in UTC. */
  seconds: atom((value) => `$min([${MOST_SECONDS}, $max([0, $ceil(${value()})])])`),
  timestamp: atom((value) => `$fromMillis($toMillis(${value()}))`),
} satisfies { readonly [name: string]: Form };

export type FormName = keyof typeof FORMS;
