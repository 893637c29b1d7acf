/** The types that a program's values have. */
export type Type = "number" | "text" | "flag" | "level" | "maybe" | "numbers" | "texts" | "box" | "boxes" | "counts";

export const TYPES: readonly Type[] = [
  "number",
  "text",
  "flag",
  "level",
  "maybe",
  "numbers",
  "texts",
  "box",
  "boxes",
  "counts",
];

export const WRITTEN: { readonly [type in Type]: string } = {
  number: "number",
  text: "string",
  flag: "boolean",
  level: "Level",
  maybe: "number | null",
  numbers: "number[]",
  texts: "string[]",
  box: "Box",
  boxes: "Box[]",
  counts: "Record<string, number>",
};

export interface Variable {
  readonly name: string;
  readonly type: Type;
  /** Of the function or callback that declares it: no other can assign it. */
  readonly depth: number;
  readonly isMutable: boolean;
  /** TypeScript may know its value here, so it refuses to compare it with others. */
  isKnown?: boolean;
}

/** Errors that may leave a piece of program: where several leave at once, only those that are all alike. */
export type Failures = "any" | "Declined" | "Busy" | "none";

/** What is around a statement or an expression. */
export interface Place {
  readonly variables: readonly Variable[];
  /** 0 in the flow, one more in each callback and helper. */
  readonly depth: number;
  /** What is assigned in each turn must not double. */
  readonly isInLoop: boolean;
  /** Names of loops and blocks around it; "" for a loop without one. */
  readonly labels: readonly Label[];
  /** Calls that go on side by side, "" where all is in order. */
  readonly region: string;
  readonly failures: Failures;
  readonly holdsLock: boolean;
  /** Not where a failure beside it may come first. */
  readonly canLog: boolean;
  /** What the function gives, or the variables that it has. */
  readonly returns: Type | "everything";
  /** In a helper, the parameter that says where it was called. */
  readonly site?: string;
}

export interface Label {
  readonly name: string;
  readonly isLoop: boolean;
  readonly kind: "loop" | "switch" | "block";
}

/** A line that costs transitions by the table of constructs, in the text that runs as a function alone. */
export interface Spend {
  readonly spend: number | string;
}
export type Line = string | Spend;

export function within(place: Place, more: readonly Variable[]): Place {
  const names = new Set(more.map(({ name }) => name));
  return { ...place, variables: [...place.variables.filter(({ name }) => !names.has(name)), ...more] };
}

export function ofType(place: Place, type: Type): readonly Variable[] {
  return place.variables.filter((variable) => variable.type === type);
}
