/** Frames out of other projects' unit tests (fixtures/msrp/frames), each with its verdict by hand. */
import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { ChunkParser, readRequestFields } from "../../../lib/msrp/mod.ts";
import { everySplit } from "../../helpers/every_split.ts";

const FOLDER = new URL("../../../fixtures/msrp/frames/", import.meta.url);

/** `fatal CODE`: not to be framed. `CODE`: answered 400. Else what it is, its octets and its flag. */
const VERDICTS: { readonly [file: string]: string } = {
  // No line end at all.
  "crocodilertc_crocodile-msrp/001": "fatal msrp/truncated",
  "crocodilertc_crocodile-msrp/002": "fatal msrp/truncated",
  "cwysong85_msrp-node-lib/001": "SEND 11$",
  "cwysong85_msrp-node-lib/002": "SEND 5+",
  "cwysong85_msrp-node-lib/003": "SEND 5#",
  "cwysong85_msrp-node-lib/004": "200 -$",
  "cwysong85_msrp-node-lib/005": "403 -$", // No comment.
  "cwysong85_msrp-node-lib/006": "REPORT -$",
  "cwysong85_msrp-node-lib/007": "SEND -$",
  "cwysong85_msrp-node-lib/008": "SEND 5$",
  "cwysong85_msrp-node-lib/009": "SEND 5$",
  "cwysong85_msrp-node-lib/010": "SEND 5$", // Content-Type is not the last header: tolerated.
  "cwysong85_msrp-node-lib/011": "SEND 5$", // Tabs and spaces around values; no Content-Type.
  "cwysong85_msrp-node-lib/012": "fatal msrp/truncated",
  "cwysong85_msrp-node-lib/013": "msrp/bad-header",
  "cwysong85_msrp-node-lib/014": "fatal msrp/truncated", // No end-line.
  "cwysong85_msrp-node-lib/015": "fatal msrp/bad-start-line", // No transaction identifier.
  "cwysong85_msrp-node-lib/016": "msrp/bad-start-line", // No method.
  "cwysong85_msrp-node-lib/017": "NICKNAME -$",
  "cwysong85_msrp-node-lib/018": "SEND 5$",
  "cwysong85_msrp-node-lib/019": "SEND 5$", // The body is shorter than its Byte-Range.
  "cwysong85_msrp-node-lib/020": "SEND 5$", // 1-*/*
  "cwysong85_msrp-node-lib/021": "SEND 5$",
  "cwysong85_msrp-node-lib/022": "SEND 5$",
  "cwysong85_msrp-node-lib/023": "SEND 5$",
  "cwysong85_msrp-node-lib/024": "REPORT -$",
  "cwysong85_msrp-node-lib/025": "SEND 5$",
  "cwysong85_msrp-node-lib/026": "SEND 5$",
  "cwysong85_msrp-node-lib/027": "SEND 5$",
  "cwysong85_msrp-node-lib/028": "SEND 5$",
  "cwysong85_msrp-node-lib/029": "401 -$",
  "cwysong85_msrp-node-lib/030": "msrp/bad-header", // A header without a name.
  "cwysong85_msrp-node-lib/031": "msrp/bad-path-order", // No From-Path.
  "cwysong85_msrp-node-lib/032": "msrp/bad-byte-range",
  "cwysong85_msrp-node-lib/033": "msrp/bad-byte-range",
  "cwysong85_msrp-node-lib/034": "msrp/bad-report-choice",
  "cwysong85_msrp-node-lib/035": "msrp/bad-status",
  "cwysong85_msrp-node-lib/036": "REPORT -$", // Namespace 123: well-formed, and not understood.
  "cwysong85_msrp-node-lib/037": "SEND 5$", // Expires means nothing to an endpoint.
  "cwysong85_msrp-node-lib/038": "SEND 5$",
  "cwysong85_msrp-node-lib/039": "msrp/bad-message-id", // Empty.
  "cwysong85_msrp-node-lib/040": "401 -$",
  "cwysong85_msrp-node-lib/041": "401 -$",
  "cwysong85_msrp-node-lib/042": "msrp/repeated-header",
  "cwysong85_msrp-node-lib/043": "msrp/repeated-header",
  "cwysong85_msrp-node-lib/044": "msrp/repeated-header",
  "cwysong85_msrp-node-lib/045": "msrp/repeated-header",
  "cwysong85_msrp-node-lib/046": "SEND 5$",
  "cwysong85_msrp-node-lib/047": "SEND 5$",
  "cwysong85_msrp-node-lib/048": "SEND 5$",
  "cwysong85_msrp-node-lib/049": "200 -$",
  "cwysong85_msrp-node-lib/050": "200 -$",
  "cwysong85_msrp-node-lib/051": "SEND 5$",
  "cwysong85_msrp-node-lib/052": "SEND 5$",
  "cwysong85_msrp-node-lib/053": "SEND -$", // No Message-ID, and no body that would need one.
  "cwysong85_msrp-node-lib/054": "SEND 5$",
  "cwysong85_msrp-node-lib/055": "401 -$",
  "cwysong85_msrp-node-lib/056": "401 -$",
  "cwysong85_msrp-node-lib/057": "401 -$",
  "cwysong85_msrp-node-lib/058": "401 -$",
  "cwysong85_msrp-node-lib/059": "msrp/bad-start-line", // No method, not even a space.
  "cwysong85_msrp-node-lib/060": "msrp/bad-start-line", // Two words.
  "cwysong85_msrp-node-lib/061": "fatal msrp/truncated",
  "cwysong85_msrp-node-lib/062": "SEND 5$",
  "cwysong85_msrp-node-lib/063": "SEND 5$",
  "cwysong85_msrp-node-lib/064": "msrp/bad-status",
};

function verdict(pieces: readonly Uint8Array[]): string {
  const parser = new ChunkParser();
  let found = "";
  for (const event of [...pieces.flatMap((it) => parser.feed(it)), ...parser.end()]) {
    if (event.type === "parse-error") return `fatal ${event.error.code}`;
    if (event.type === "chunk-start") {
      const { startLine, problem, headers } = event.head;
      if (problem !== undefined) return problem.code;
      found = `${startLine.kind === "request" ? startLine.method : startLine.code} `;
      if (!event.hasBody) found += "-";
      try {
        if (startLine.kind === "request") readRequestFields(headers);
      } catch (error) {
        if (error instanceof PeerError) return error.code;
        throw error;
      }
    }
    if (event.type === "chunk-end") {
      return `${found}${found.endsWith("-") ? "" : event.bodyLength}${event.continuation}`;
    }
  }
  return "nothing";
}

Deno.test("every frame of the corpus gets its verdict, however it is cut", () => {
  const seen: string[] = [];
  for (const project of Deno.readDirSync(FOLDER)) {
    for (const { name } of Deno.readDirSync(new URL(`${project.name}/`, FOLDER))) {
      if (!name.endsWith(".msrp")) continue;
      const file = `${project.name}/${name.slice(0, -5)}`;
      seen.push(file);
      const bytes = Deno.readFileSync(new URL(`${file}.msrp`, FOLDER));
      for (const { label, pieces } of everySplit(bytes)) {
        assertEquals(verdict(pieces), VERDICTS[file], `${file}, ${label}`);
      }
    }
  }
  assertEquals(seen.sort(), Object.keys(VERDICTS).sort());
});
