import { task } from "millrace";
import * as z from "zod";

export const one = task({ name: "one", input: z.object({}), output: z.number() }, () => 1);
