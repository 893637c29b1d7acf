import { defineEvent } from "millrace";
import * as z from "zod";

/** A gate that opens when an item of its name is put, and what shares a limit. */
export const Passage = z.object({ gate: z.string(), group: z.string() });
export type Passage = z.infer<typeof Passage>;

/** Somebody who waits at a gate and is then greeted, or refused. */
export const Guest = z.object({ gate: z.string(), name: z.string() });
export type Guest = z.infer<typeof Guest>;

/** What a child takes of it: not everybody. */
export const ShortGuest = Guest.extend({ name: z.string().max(40) });

export const Guests = z.object({ gate: z.string(), names: z.array(z.string()) });
export type Guests = z.infer<typeof Guests>;

const Texts = z.array(z.string());
/** What guests were told, in their order. */
export const Joined = z.object({ greetings: Texts, settled: Texts, results: Texts });
export type Joined = z.infer<typeof Joined>;

export const Approved = z.object({ name: z.string(), timeoutSeconds: z.number().int() });
export type Approved = z.infer<typeof Approved>;
export const APPROVAL = defineEvent({ name: "approval", schema: z.object({ approved: z.boolean() }) });
