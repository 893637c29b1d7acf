/** Mistakes of the steps that Millrace has beside tasks: children, locks, joins and waits. */
export const STEP_MISTAKES = {
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
  // Joins
  joinsOther: {
    code: "MR100",
    message: "`{}` is no join of a flow: Step Functions waits for all branches, or for the first that fails.",
    fix: "Use `Promise.all([…])` or `Promise.allSettled([…])`, or let a task wait for the first of several.",
  },
  joinList: {
    code: "MR101",
    message: "`{}` does not spell out what is waited for.",
    fix: "Write `Promise.all([a(), b()])`, or `Promise.all(items.map(async (item) => { … }))`.",
  },
  joinElement: {
    code: "MR102",
    message: "`{}` is no call that begins here.",
    fix: "Put the call itself into the list, `Promise.all([task(input), …])`, or `(async () => { … })()`.",
  },
  joinWidth: {
    code: "MR103",
    message: "{} branches stand in one list, allowed are 40.",
    fix: "Make the inputs a list, and use `Promise.all(inputs.map((input) => task(input)))`.",
  },
  turnFunction: {
    code: "MR104",
    message: "`{}` is neither a function in place, nor a task, nor a function of this project.",
    fix: "Write `async (item, index) => { … }` where it is called, or the name of a task.",
  },
  batchOptions: {
    code: "MR105",
    message: "`{}` is no option that is known before the flow runs.",
    fix: 'Write `mapAll(items, fn, { concurrency: 5 })`, `batch(items, fn, { maxConcurrency: 5, onError: "collect" })`.',
  },
  batchConcurrency: {
    code: "MR106",
    message: "{}.",
    fix: "Give it a number in that range; `batch` takes up to 10,000.",
  },
  // Waits, moments and log lines
  pauseSeconds: {
    code: "MR110",
    message: "`{}` is no pause.",
    fix: "Give `sleep` seconds from 0 to 99,999,999.",
  },
  pauseTimestamp: {
    code: "MR111",
    message: "`{}` is no time.",
    fix: 'Give `sleepUntil` a time with its zone, such as "2026-01-31T09:30:00Z".',
  },
  momentConditional: {
    code: "MR112",
    message: "`{}` stands where it may not be reached, or is reached several times.",
    fix: "Write `const value = …` with it in a statement before, and use the value here.",
  },
  logRequest: {
    code: "MR113",
    message: "`{}` is no line that a flow can log.",
    fix: "Write `log.info(text, { … })` as a statement, with a text and an object of fields.",
  },
  eventUnknown: {
    code: "MR114",
    message: "`{}` is no event that is known before the flow runs.",
    fix: 'Declare `const APPROVAL = defineEvent({ name: "approval", schema })`, and wait for `APPROVAL`.',
  },
  eventUnlisted: {
    code: "MR115",
    message: "The workflow does not list the event {}.",
    fix: "Add it to the workflow in the catalogue, `events: [APPROVAL]`: answers are held against its schema.",
  },
  eventOptions: {
    code: "MR116",
    message: "`{}` does not say how long the event is waited for.",
    fix: "Write `waitForEvent(APPROVAL, { timeoutSeconds: 3600 })`, with whole seconds from 1.",
  },
} as const;
