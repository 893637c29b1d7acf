/** One kind of mistake: what is wrong, with the part that differs as `{}`, and the rewrite to use. */
interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Every mistake that the compiler reports. Codes are stable; a new one takes a new number. */
export const MISTAKES = {
  // The flow
  fileMissing: {
    code: "MR001",
    message: "{} does not exist.",
    fix: 'Correct `module` in the catalogue: "git/flows" is functions/git/flows.ts.',
  },
  flowMissing: {
    code: "MR002",
    message: "{} is not an exported async function of this file.",
    fix: "Declare it as `export async function name(parameters) { … }`, or correct `function` in the catalogue.",
  },
  typeError: { code: "MR003", message: "{}", fix: "Correct the type error: the compiler relies on the types." },
  signature: {
    code: "MR004",
    message: "A flow takes its parameters as one object, and {}.",
    fix: "Write `async function flow({ a, b }: Parameters)` or `async function flow(parameters: Parameters)`.",
  },
  // Tasks
  notAwaited: {
    code: "MR010",
    message: "The call of {} is not awaited.",
    fix: "Write `await` before it: a step of a flow ends before the next one begins.",
  },
  awaitsNoTask: {
    code: "MR011",
    message: "`{}` is awaited and is none of what a flow can wait for.",
    fix: "Declare it with `task({ name, … }, …)` under functions/ and call that.",
  },
  awaitConditional: {
    code: "MR012",
    message: "`await` stands where it may not be reached, inside {}.",
    fix: "Use `if`, with the call as a statement of its own.",
  },
  callsNoTask: {
    code: "MR013",
    message: "`{}` is not a task, so a flow cannot call it.",
    fix: "Move the call into a task, or declare the function with `task({ name, … }, …)`.",
  },
  absent: {
    code: "MR014",
    message: "A flow has no `{}`.",
    fix: "Use it in a task: what Node has beside the language is not there between tasks. If it is misspelt, correct it.",
  },
  logs: {
    code: "MR015",
    message: "A flow has no `{}`: nothing runs between its tasks that could write.",
    fix: "Log in a task, with its `log`: `task({ … }, async (input, { log }) => { log.info(text); … })`.",
  },
  taskPlace: {
    code: "MR020",
    message: "Task {} is not an exported constant of a file below functions/<domain>/.",
    fix: "Move it to functions/<domain>/tasks.ts and declare it as `export const name = task({ … }, …)`.",
  },
  taskOption: {
    code: "MR021",
    message: "{} is not a literal, and the compiler reads a task's options without running the file.",
    fix: "Write the options as one object literal, and this value as a literal in it.",
  },
  taskRange: { code: "MR022", message: "{}.", fix: "Give the option a value in that range, or leave it out." },
  taskNameTwice: {
    code: "MR023",
    message: "Two tasks of one domain have the name {}.",
    fix: "Give one of them another `name`.",
  },
  domainName: {
    code: "MR024",
    message: "The domain {} has the name of a function of Millrace itself.",
    fix: "Give the folder another name than submit, settle, lock and sweep.",
  },
  // Statements
  rebinds: {
    code: "MR030",
    message: "`{}` can be assigned again, which a flow's data cannot.",
    fix: "Use `const` with an initial value, or compute the value in a task.",
  },
  loopForm: {
    code: "MR031",
    message: "A flow has no `{}` loop.",
    fix: "Use `for (const item of items) { … }` over an array.",
  },
  finallyBlock: {
    code: "MR032",
    message: "A flow has no `finally`.",
    fix: "Repeat the statements at the end of `try` and of `catch`.",
  },
  switchStatement: { code: "MR033", message: "A flow has no `switch`.", fix: "Use `if … else if … else`." },
  statementForm: {
    code: "MR034",
    message: "`{}` is not a statement that a flow can have.",
    fix: "Move it into a task, or out of the function if it is a declaration.",
  },
  labelled: {
    code: "MR035",
    message: "A flow has no labels, and `break` and `continue` stand in a loop.",
    fix: "Use `break` and `continue` for the innermost loop alone.",
  },
  loopsOver: {
    code: "MR036",
    message: "`{}` is not an array.",
    fix: "Loop over an array; let a task return a list of what you need.",
  },
  // Expressions
  expressionForm: {
    code: "MR040",
    message: "`{}` cannot be computed between tasks.",
    fix: "Move it into a task: a flow reads, compares, and builds objects, arrays and templates.",
  },
  arithmetic: {
    code: "MR041",
    message: "A flow does not compute with `{}`.",
    fix: "Join texts with a template, `${a}${b}`; compute numbers in a task.",
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
  // Errors and tags
  nothingFails: {
    code: "MR060",
    message: "Nothing in this `try` can fail.",
    fix: "Remove it, or move the task that may fail into it.",
  },
  caughtUse: {
    code: "MR061",
    message: "`{}` uses a caught error otherwise than by its name and message.",
    fix: "Read `(error as Error).name` (compare it where a subclass is meant) or `.message`, or `throw error`.",
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
  // Children and locks
  workflowUnknown: {
    code: "MR070",
    message: "`{}` names no workflow whose name the compiler can read.",
    fix: 'Pass the constant itself that a file of catalogue/ declares with `defineWorkflow({ name: "…", … })`.',
  },
  workflowUnlisted: {
    code: "MR071",
    message: "The catalogue does not list the workflow {}, so no run of it can be started.",
    fix: "Add it to `WORKFLOWS` in catalogue/index.ts.",
  },
  childOptions: {
    code: "MR072",
    message: "`{}` does not say what a child run is started with.",
    fix: "Write `{ parameters: { … }, tags: […], priority: … }` as an object literal; `parameters` has to be there.",
  },
  lockNotKept: {
    code: "MR073",
    message: "Nothing keeps and releases the lock of `{}`.",
    fix: "Write `await using lock = await acquireLock({ … });` as a statement: its block holds the lock.",
  },
  lockFunction: {
    code: "MR074",
    message: "A flow has no `withLock`, whose function would run in no task.",
    fix: "Write `{ await using lock = await acquireLock({ … }); … }` around the calls, or use `withLock` in a task.",
  },
  usesOther: {
    code: "MR075",
    message: "`{}` keeps something else than a lock.",
    fix: "Write `await using lock = await acquireLock({ … });`, or use `const`.",
  },
  locksNest: {
    code: "MR076",
    message: "`{}` waits for a lock while another is held, so two runs could wait for each other.",
    fix: "Acquire both at once, `acquireLock([{ … }, { … }])`, or end the first one's block before.",
  },
  lockRequest: {
    code: "MR077",
    message: "`{}` does not spell out which locks are acquired.",
    fix: "Write `acquireLock({ namespace, name, timeoutSeconds })`, or `acquireLock([{ … }, { … }])`.",
  },
  lockRefused: {
    code: "MR078",
    message: "No lock can be had for this: {}.",
    fix: "Correct the request.",
  },
  // The machine
  tooDeep: {
    code: "MR090",
    message: "What is computed here nests {} levels deep, and Step Functions takes 80.",
    fix: "Move a part of it into a task.",
  },
  tooLarge: {
    code: "MR091",
    message: "The state machine has {} bytes, and Step Functions takes 1,048,576.",
    fix: "Split the flow: compute shared values in a task, or move steps to a second workflow.",
  },
  refused: {
    code: "MR099",
    message: "Step Functions would refuse the machine: {}.",
    fix: "This is a defect of the compiler. Write the statement differently and report both.",
  },
} satisfies { readonly [name: string]: Mistake };

export type MistakeName = keyof typeof MISTAKES;
