/** An authority of a test, by `openssl`: certificates with the names and the dates that are asked for. */
import { decodeUtf8Lossy } from "../../lib/base/bytes.ts";
import type { Certificate } from "../../lib/transport/mod.ts";

/** What a certificate says. */
export interface IssueOptions {
  /** Subject's common name. Default `x`. */
  readonly commonName?: string;
  /** `URI:sip:example.com,DNS:a.example`; no subjectAltName at all if left out. */
  readonly names?: string;
  /** `YYMMDDhhmmssZ`, by default long ago and far ahead. */
  readonly from?: string;
  readonly until?: string;
}

/** The authority. */
export class CertificateAuthority implements AsyncDisposable {
  /** Its own certificate: who trusts it trusts all that it issued. */
  readonly pem: string;
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string, pem: string) {
    this.#folder = folder;
    this.pem = pem;
  }

  /** Makes one. @param name Its common name. */
  static async make(name: string): Promise<CertificateAuthority> {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/ca.cnf`, CONFIGURATION);
    await Deno.writeTextFile(`${folder}/index.txt`, "");
    await Deno.writeTextFile(`${folder}/serial`, "01\n");
    const key = await openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout");
    await Deno.writeTextFile(`${folder}/ca.key`, key, { mode: 0o600 });
    const pem = await openssl(
      folder,
      ..."req -x509 -new -key ca.key -days 30 -config ca.cnf -extensions authority".split(" "),
      ...["-subj", `/CN=${name}`],
    );
    await Deno.writeTextFile(`${folder}/ca.pem`, pem);
    return new CertificateAuthority(folder, pem);
  }

  /** Issues a certificate with a fresh key. */
  async issue({ commonName = "x", names, from, until }: IssueOptions): Promise<Certificate> {
    const folder = this.#folder;
    const name = `c${++this.#count}`;
    const keyPem = await openssl(
      folder,
      ..."genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256".split(" "),
    );
    await Deno.writeTextFile(`${folder}/${name}.key`, keyPem, { mode: 0o600 });
    const subject = ["-subj", `/CN=${commonName}`];
    const request = `req -new -key ${name}.key -config ca.cnf -out ${name}.csr`.split(" ");
    await openssl(folder, ...request, ...subject);
    const extensions = names === undefined
      ? "basicConstraints=CA:FALSE"
      : `subjectAltName=${names}`;
    await Deno.writeTextFile(`${folder}/${name}.ext`, `${extensions}\n`);
    const certPem = await openssl(
      folder,
      ...`ca -batch -notext -config ca.cnf -in ${name}.csr -extfile ${name}.ext`.split(" "),
      ...["-startdate", from ?? "200101000000Z", "-enddate", until ?? "491231000000Z"],
    );
    return { certPem, keyPem };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function openssl(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args,
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`openssl ${args[0]}: ${decodeUtf8Lossy(stderr)}`);
  return decodeUtf8Lossy(stdout);
}

const CONFIGURATION = `
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[ca]
default_ca = authority_of_tests
[authority_of_tests]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
`;
