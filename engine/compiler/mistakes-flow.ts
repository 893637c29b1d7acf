/** Mistakes of a flow as a whole: its function, its tasks, its plan and its machine. */
export const FLOW_MISTAKES = {
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
  nameError: {
    code: "MR005",
    message: "{}",
    fix: "Correct the name, or the file that it is imported from.",
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
    fix: "Await a task, a function of the project, `Promise.all([…])` or `sleep(seconds)`; other work is a `task({ … }, …)`.",
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
    fix: 'Write `log.info(text, { … })`, with the `log` of "millrace": the next task writes the line.',
  },
  moment: {
    code: "MR016",
    message: "`{}` is another value each time it is asked for.",
    fix: 'Use `now()` or `uuid()` of "millrace", whose values a run keeps, or let a task choose.',
  },
  promiseMethod: {
    code: "MR017",
    message: "`{}` goes on from a promise, and a flow has none: it awaits each call where it stands.",
    fix: "Write `const value = await task(input);` and go on below it; catch its error with `try … catch`.",
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
  // The plan
  boundForm: {
    code: "MR120",
    message: "`{}` is no bound.",
    fix: "Write `/** @items 20..500 */`, typical and most, or `/** @items 500 */`; `@turns` for a `while`.",
  },
  boundWord: {
    code: "MR121",
    message: "`{}` does not belong to this statement.",
    fix: "Write `@items` where a list is repeated over, and `@turns` before any other loop.",
  },
  boundContradicts: {
    code: "MR122",
    message: "The comment says {}.",
    fix: "Correct the comment, or the `.max(…)` of the schema.",
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
} as const;
