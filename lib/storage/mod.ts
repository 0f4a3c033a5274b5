/** What survives the process: keys, trust, and the folder they live in. */
export * from "./address_of_record.ts";
export * from "./atomic_write.ts";
export * from "./certificate_store.ts";
export * from "./file_lock.ts";
export * from "./home_folder.ts";
export * from "./instance_tag_store.ts";
export * from "./key_store.ts";
export * from "./private_file.ts";
export * from "./smp_failure_log.ts";
export * from "./trust_store.ts";
export * from "./trusted_peers_file.ts";
