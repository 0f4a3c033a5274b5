/** A narrow door to our own key, for commands that start thousands of times: decision 0011. */
export * from "../home_folder.ts";
export * from "./key_store.ts";
