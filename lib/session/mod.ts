/** Where the cores meet the world and each other. */
export * from "./clock.ts";
export * from "./driver.ts";
export * from "./random.ts";
