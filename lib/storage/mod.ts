/** What survives the process: keys, trust, and the folder they live in. */
export * from "./home_folder.ts";
