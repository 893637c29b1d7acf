import { itemsContract } from "./contract.ts";
import { noDynoxide, startDynoxide } from "./dynoxide.ts";

itemsContract(
  "DynamoDB",
  async () => {
    const dynoxide = await startDynoxide();
    return { items: await dynoxide.table(), close: async () => dynoxide[Symbol.asyncDispose]() };
  },
  {
    skip: noDynoxide,
    runs: 30,
    prefixesIgnoreCase: "dynoxide 1.2.1 matches begins_with as SQL LIKE; DynamoDB heeds case",
  },
);
