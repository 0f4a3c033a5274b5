/** The certificates of a session: ours, and whom we believe. */
import type { Account } from "../../lib/storage/mod.ts";
import { CertificateStore } from "../../lib/storage/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";
import type { CommandContext } from "../command.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** What flags say of certificates. */
export interface CertificateFlags {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
}

/** What was named, read. */
export interface NamedCertificates {
  /** Ours; `undefined` for the one of the home. */
  readonly certificate: Certificate | undefined;
  /** PEM: authorities to believe; `undefined` for the system's. */
  readonly ca: string | undefined;
}

/**
 * Reads what the flags, or else the account, name.
 * @throws {CliError} status 2 for one without the other, and for files that cannot be read.
 */
export async function namedCertificates(
  flags: CertificateFlags,
  account: Account | undefined,
): Promise<NamedCertificates> {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw usageError("--tls-cert and --tls-key go together: give both or neither");
  }
  const cert = flags.tlsCert ?? account?.tlsCert;
  const key = flags.tlsKey ?? account?.tlsKey;
  const ca = flags.tlsCa ?? account?.tlsCa;
  return {
    ca: ca === undefined ? undefined : await readText("--tls-ca", ca),
    certificate: cert === undefined || key === undefined ? undefined : {
      certPem: await readText("--tls-cert", cert),
      keyPem: await readText("--tls-key", key),
    },
  };
}

/** The certificate of the home, made at first use. */
export async function ownCertificate({ home }: Pick<CommandContext, "home">): Promise<Certificate> {
  return await new CertificateStore(home).loadOrCreate(() =>
    makeSelfSignedCertificate({ commonName: "sotto" })
  );
}

async function readText(flag: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : "cannot be read";
    throw new CliError("cli/file", EXIT.usage, `${flag}: ${file}: ${why}`, { cause });
  }
}
