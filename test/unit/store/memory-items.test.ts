import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { itemsContract } from "./contract.ts";
import { lagging } from "./lagging.ts";

itemsContract("memory", async () => ({ items: memoryItems(), close: async () => {} }));
itemsContract("memory, lagging", async () => ({ items: lagging(memoryItems()), close: async () => {} }));
