/** The lab's SIP over TLS, asked by OpenSSL. */
import { assertMatch } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { openLabSip, placeOf, rawRequest } from "../../helpers/lab_sip.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

for (const host of ["127.0.0.1", "::1"]) {
  for (const version of ["-tls1_2", "-tls1_3"]) {
    livePeerTest(`openssl s_client ${version} speaks SIP with the lab at ${host}`, {
      needs: ["openssl"],
    }, async () => {
      const certificate = await makeSelfSignedCertificate({
        commonName: "lab.example",
        names: ["lab.example", host],
      });
      await using server = await openLabSip({
        listen: [{ host, port: 0, transport: "tls" }],
        tls: { certificate },
      });
      await using folder = await TemporaryFolder.make();
      await Deno.writeTextFile(folder.file("ca.pem"), certificate.certPem);
      const { port } = placeOf(server, "tls");
      const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
      const child = new Deno.Command("openssl", {
        args: [
          ...["s_client", "-connect", place, version, "-quiet", "-ign_eof"],
          ...["-CAfile", folder.file("ca.pem"), "-verify_ip", host, "-verify_return_error"],
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      const uri = host.includes(":") ? `sip:[${host}]` : `sip:${host}`;
      await writer.write(utf8(rawRequest("OPTIONS", "alice", { host, port: 1 }, "tls", uri)));
      // A stream without a Content-Length: the server closes, and s_client ends by that.
      await writer.write(utf8("OPTIONS sip:x SIP/2.0\r\n\r\n"));
      const { stdout, stderr } = await child.output();
      await writer.close().catch(() => {}); // It has ended already.
      const text = decodeUtf8Lossy(stdout);
      assertMatch(text, /^SIP\/2\.0 200 OK\r\n/, text + decodeUtf8Lossy(stderr));
      assertMatch(text, /Server: lab\/test/);
    });
  }
}
