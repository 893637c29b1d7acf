/** Mistakes of what is computed between the steps. */
export const EXPRESSION_MISTAKES = {
  expressionForm: {
    code: "MR040",
    message: "`{}` cannot be computed between tasks.",
    fix: "Move it into a task: a flow reads, compares, computes with numbers, and builds texts, lists and objects.",
  },
  noValue: {
    code: "MR068",
    message: "`{}` is no value that a flow can hold: its values are JSON.",
    fix: "Use texts, numbers, booleans, null, lists and records; call a function by its name; do the rest in a task.",
  },
  arithmetic: {
    code: "MR041",
    message: "A flow does not compute with `{}`.",
    fix: "Compute with numbers alone, join texts with a template, `${a}${b}`; do the rest in a task.",
  },
  looseEquality: {
    code: "MR042",
    message: "`{}` compares loosely.",
    fix: "Use `===` or `!==`; `== null` and `!= null` alone may stay.",
  },
  comparesObjects: {
    code: "MR043",
    message: "`{}` compares objects or arrays, by identity in JavaScript and by content in a state machine.",
    fix: "Compare a member that identifies them, such as an id.",
  },
  ordersMixed: {
    code: "MR044",
    message: "`{}` orders values that are not both numbers or both texts.",
    fix: "Order two numbers or two texts; test for null before.",
  },
  constantCondition: {
    code: "MR045",
    message: "`{}` is always true or of unknown type, so it is no condition.",
    fix: "Compare it with something: `.length > 0`, `=== true`, `!== undefined`.",
  },
  textPart: {
    code: "MR046",
    message: "`{}` in a template may be something else than a text, a number or a boolean.",
    fix: "Name a member of it, or give a text instead of null with `??`.",
  },
  textLength: {
    code: "MR047",
    message: "`{}` is the length of a text, which state machines count differently.",
    fix: 'Compare with "", or let a task measure it.',
  },
  unknownShape: {
    code: "MR048",
    message: "`{}` has no members that the compiler knows of.",
    fix: "Give it a type with these members: an output schema of the task, or the flow's parameter type.",
  },
  nullAndUndefined: {
    code: "MR049",
    message: "`{}` may be null and may be undefined, which are one value in a state machine.",
    fix: "Let its type have one of the two, or test with `== null` or `??`.",
  },
  spreads: {
    code: "MR050",
    message: "`{}` cannot be spread here.",
    fix: "Spread an array into an array, an object into an object, neither null nor with a member that may be undefined.",
  },
  maybeAfterSpread: {
    code: "MR052",
    message:
      "`{}` may be undefined after a spread: it then removes the spread's member in JavaScript and keeps it in a state machine.",
    fix: "Give it a value with `??`, put it before the spread, or name the members instead of spreading.",
  },
  casts: {
    code: "MR051",
    message: "`{}` asserts a type that nothing checks.",
    fix: "Narrow it with a comparison, or let the task's output schema say the type.",
  },
  noNumber: {
    code: "MR053",
    message: "`{}` may be infinite or no number at all, which JSON cannot carry.",
    fix: "Divide by a number of the source other than 0, write `Math.max(0, ...numbers)`, or compute it in a task.",
  },
  callbackAwaits: {
    code: "MR054",
    message: "`{}` has a step in it, which nothing waits for here.",
    fix: "Write `await Promise.all(items.map(async (item) => …))`, or a loop `for (const item of items) { … }`.",
  },
  callbackForm: {
    code: "MR055",
    message: "`{}` is no callback that a state machine has.",
    fix: "Write an arrow function that gives one value, `(item, index) => …`: of a test a boolean, with no further parameter.",
  },
  textMethod: {
    code: "MR056",
    message: "`{}` is not the same text in a state machine, which counts and matches characters differently.",
    fix: 'Compute it in a task, or use what is exact: `split`, `replace` and `replaceAll` with literals, `startsWith`, `includes`, `endsWith(".json")`, `String(n).padStart(3, "0")`.',
  },
  listMethod: {
    code: "MR057",
    message: "`{}` is no operation that a flow has on a list.",
    fix: "Use map, filter, find, some, every, slice, concat, flat, `reduce` with an initial value, `toSorted((a, b) => a - b)`, or compute it in a task.",
  },
  forEach: {
    code: "MR069",
    message: "`{}` calls a function for its effect alone.",
    fix: "Write `for (const item of items) { … }`, or all at once `await Promise.all(items.map(async (item) => { … }))`.",
  },
  elementKinds: {
    code: "MR058",
    message: "`{}` takes elements that are texts, numbers or booleans; `join` and `toSorted()` texts alone.",
    fix: "Compare a member, `items.some((item) => item.id === id)`, map the elements to texts, or give `toSorted` a comparison.",
  },
  recordKey: {
    code: "MR059",
    message: "`{}` is no read or key of a record that is the same in a state machine.",
    fix: "Use keys that are texts, and `Object.hasOwn(record, key)` where a key that is computed may be absent.",
  },
} as const;
