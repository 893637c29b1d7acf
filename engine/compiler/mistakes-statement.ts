/** Mistakes of statements, helpers and errors. */
export const STATEMENT_MISTAKES = {
  // Statements
  loopForm: {
    code: "MR031",
    message: "A flow has no `{}` loop.",
    fix: "Use `for (const item of items) { … }`, over the keys of a record `for (const key of Object.keys(record)) { … }`.",
  },
  statementForm: {
    code: "MR034",
    message: "`{}` is not a statement that a flow can have.",
    fix: "Move it into a task, or out of the function if it is a declaration.",
  },
  loopsOver: {
    code: "MR036",
    message: "`{}` is not an array.",
    fix: "Loop over an array; let a task return a list of what you need.",
  },
  assignsOuter: {
    code: "MR079",
    message: "`{}` is no variable of the function or callback that assigns it here.",
    fix: "Return the value, and assign it where the variable is declared.",
  },
  endless: {
    code: "MR080",
    message: "`{}` never ends: nothing in it that can be reached leaves it.",
    fix: "Give it a condition, or leave it with `break`, `return` or `throw`.",
  },
  switchCase: {
    code: "MR081",
    message: "`{}` is no case that is known before the flow runs.",
    fix: "Use a text, a number, a boolean or null as it is, or `if … else if … else`.",
  },
  assignsMember: {
    code: "MR082",
    message: "`{}` changes a value in place, which others may hold.",
    fix: "Make a new value: `x = { ...x, key: value }`, `x = [...x, item]`, `x = x.toSorted()`, `const { key, ...others } = x`.",
  },
  inlineForm: {
    code: "MR083",
    message:
      "`{}` stands where a function has to be one value, and this one has more in it than `const`, `if` and `return`.",
    fix: "Call it in a statement of its own, `const value = helper(…)`, or make it simpler.",
  },
  recursion: {
    code: "MR084",
    message: "`{}` calls itself, directly or through others, and a state machine has no stack.",
    fix: "Use a loop, or a workflow that `executeWorkflow` starts.",
  },
  inlineParameters: {
    code: "MR085",
    message: "`{}` does not pass each parameter as it is declared.",
    fix: "Declare the parameters one by one, and pass them without a spread.",
  },
  sharedName: {
    code: "MR086",
    message: "`{}` cannot be told by the name of the error, which is all that a state machine knows.",
    fix: 'Give the class and its subclasses `override readonly name = "…"` with a name that no other class has.',
  },
  causeOther: {
    code: "MR087",
    message: "`{}` names no error, which the cause of another has to be.",
    fix: "Write `{ cause: error }` with an error that was caught, or with `new Error(message)`.",
  },
  takesApart: {
    code: "MR088",
    message: "`{}` takes apart what is no list or object of known shape.",
    fix: "Take apart an array with `[a, ...others]`, an object with `{ a, ...others }`; assign from one level at a time.",
  },
  assignsInside: {
    code: "MR066",
    message: "`{}` assigns a variable within another expression.",
    fix: "Assign it in a statement of its own.",
  },
  moduleVariable: {
    code: "MR067",
    message: "`{}` is a variable outside of the flow, and nothing is shared between runs.",
    fix: "Declare it with `const`, or as a variable of the flow; what outlives a run belongs to a task.",
  },
  // Errors and tags
  nothingFails: {
    code: "MR060",
    message: "Nothing in this `try` can fail.",
    fix: "Remove it, or move the task that may fail into it.",
  },
  caughtUse: {
    code: "MR061",
    message: "`{}` uses a caught error otherwise than by its name, message and cause.",
    fix: "Read `(error as Error).name` or `.message`, test `error instanceof Class`, or `throw error`; test a cause before, `error.cause instanceof Error`.",
  },
  throwsOther: {
    code: "MR062",
    message: "`{}` is not an error that a flow can throw.",
    fix: "Write `throw new Error(message)`, a subclass of it, or the caught error.",
  },
  errorClass: {
    code: "MR063",
    message: "{}, so a state machine cannot know the error's name and message.",
    fix: 'Give the class `override readonly name = "Name"` and, if it has a constructor, one `super(message)`.',
  },
  errorName: {
    code: "MR064",
    message: "An error cannot be named {}: names with `States.` belong to Step Functions.",
    fix: "Give the error class another `name`.",
  },
  tagRequest: {
    code: "MR065",
    message: "`{}` does not say what is tagged.",
    fix: "Write `await addTags({ branches: […], nodes: […], others: […], databaseChange: true })` as a statement.",
  },
} as const;
