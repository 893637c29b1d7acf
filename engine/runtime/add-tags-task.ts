import { Nothing, TagList } from "../model/schema.ts";
import { ADD_TAGS_TASK } from "../model/wire.ts";
import { addTags } from "./scope.ts";
import { task } from "./task.ts";

/** Built in: every domain's function answers it, beside the domain's own tasks. */
export const addTagsTask = task({ name: ADD_TAGS_TASK, input: TagList, output: Nothing }, async (others) => {
  await addTags({ others });
  return null;
});
