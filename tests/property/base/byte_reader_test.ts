import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteReader } from "../../../lib/base/byte_reader.ts";
import { concatBytes, indexOfBytes } from "../../../lib/base/bytes.ts";

/** Few different octets, so that delimiters really occur. */
const octets = fc.uint8Array({ max: 3, maxLength: 60 });
const delimiter = fc.uint8Array({ max: 3, minLength: 1, maxLength: 3 });

Deno.test("ByteReader.until() agrees with a search in the whole, for any cut", () => {
  fc.assert(
    fc.property(fc.array(octets), delimiter, (pieces, mark) => {
      const whole = concatBytes(...pieces);
      const at = indexOfBytes(whole, mark);
      const reader = new ByteReader();
      const reading = reader.until([mark], whole.length);
      let step = reading.next();
      for (const piece of pieces) {
        if (step.done) break;
        reader.feed(piece);
        step = reading.next();
      }
      const found = step.done === true ? step.value?.bytes : undefined;
      assertEquals(found, at < 0 ? undefined : whole.slice(0, at));
    }),
  );
});
