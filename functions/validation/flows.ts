import { addTags } from "millrace";
import { listObjects } from "../git/tasks.ts";
import type { ValidateObjects } from "./models.ts";
import { validateSingleObject } from "./tasks.ts";

/** Answers how many objects were looked at; the bad ones are in the log. */
export async function validateObjects({ objectKind, branchName }: ValidateObjects): Promise<number> {
  await addTags({ branches: [branchName] });
  const objects = await listObjects({ kind: objectKind, branch: branchName });
  for (const object of objects) await validateSingleObject(object);
  return objects.length;
}
