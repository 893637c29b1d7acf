/** The entry point `millrace/aws`. Each part is a module of its own, so that a bundle holds what it uses alone. */
export { aws, type AwsOptions } from "./platform.ts";
export { lockHandler, type LockFunction } from "./lock.ts";
export { serve, type TaskFunction } from "./serve.ts";
export { settleHandler, type SettleFunction } from "./settle.ts";
export { submitHandler, type SubmitFunction } from "./submit.ts";
export { sweepHandler, type SweepFunction } from "./sweep.ts";
