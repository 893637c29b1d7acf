import * as z from "zod";
import { BranchName } from "../git/models.ts";

export const ValidateObjects = z.object({ objectKind: z.string().min(1), branchName: BranchName });
export type ValidateObjects = z.infer<typeof ValidateObjects>;
