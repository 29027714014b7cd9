import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHex, toHex } from "../src/token/bytes.ts";
import { completeSoFar, formatTypedCode, readTypedCode } from "../src/token/typed_code.ts";
import { type TokenVectors, vectors } from "./vectors.ts";

const { cases, codes } = vectors<TokenVectors>("token");
const CODE = "0123456789abcdef0042";
const TYPED = "04HM-ASW9-NF6Y-Y022-8";

for (const { name, typed, expect, code, position } of codes) {
  test(`typed: ${name}`, () => {
    const read = readTypedCode(typed);
    assert.equal("code" in read ? "ok" : "code.typo", expect);
    if ("code" in read) assert.equal(toHex(read.code), code);
    else assert.equal(read.position, position ?? null);
  });
}

test("codes are written as the service writes them, and read again", () => {
  const written = cases.flatMap(({ claims }) => (claims === undefined ? [] : [claims]));
  assert.ok(written.length > 10);
  for (const { code, typed } of written) {
    assert.equal(formatTypedCode(fromHex(code)), typed);
    assert.deepEqual(readTypedCode(typed), { code: fromHex(code) });
  }
});

test("what is no code is not written", () => {
  assert.throws(() => formatTypedCode(new Uint8Array(9)), RangeError);
  const checkOf36 = fromHex("00000000000000000024");
  assert.throws(() => formatTypedCode(checkOf36), RangeError);
});

test("every single wrong character and every swap of neighbours is noticed", () => {
  const bare = TYPED.replaceAll("-", "");
  for (let place = 0; place < bare.length; place += 1) {
    for (const letter of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
      if (letter === bare[place]) continue;
      const wrong = bare.slice(0, place) + letter + bare.slice(place + 1);
      assert.deepEqual(readTypedCode(wrong), { position: null });
    }
    const [one, other] = [bare.charAt(place), bare.charAt(place + 1)];
    if (other === "" || one === other) continue;
    const swapped = bare.slice(0, place) + other + one + bare.slice(place + 2);
    assert.deepEqual(readTypedCode(swapped), { position: null });
  }
});

test("places are counted in code points", () => {
  assert.deepEqual(readTypedCode("04\u{1f600}"), { position: 2 });
  assert.deepEqual(readTypedCode("04HM\u{1f600}"), { position: 4 });
  assert.deepEqual(readTypedCode("\u{a0}\u{2009}"), { position: 1 }); // a space we do not skip
});

test("spaces, hyphens and dashes of every kind are skipped", () => {
  for (const separator of " \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2015\u2212") {
    const typed = TYPED.replaceAll("-", separator);
    assert.deepEqual(readTypedCode(typed), { code: fromHex(CODE) });
    assert.equal(completeSoFar(typed).text, TYPED);
  }
});

test("while it is typed, look-alikes are put right and groups are made", () => {
  assert.deepEqual(completeSoFar(""), { text: "", position: null, code: null });
  assert.deepEqual(completeSoFar("o4hm"), { text: "04HM", position: null, code: null });
  assert.deepEqual(completeSoFar("o4hma"), { text: "04HM-A", position: null, code: null });
  assert.deepEqual(completeSoFar("il"), { text: "11", position: null, code: null });
  assert.deepEqual(completeSoFar("04HM-"), { text: "04HM", position: null, code: null });
  const whole = completeSoFar(" o4hm asw9–nf6y yo228 ");
  assert.deepEqual(whole, { text: TYPED, position: null, code: fromHex(CODE) });
});

test("what cannot be stays in sight, and its place in the text is told", () => {
  assert.deepEqual(completeSoFar("04u"), { text: "04u", position: 2, code: null });
  assert.deepEqual(completeSoFar("04HMA*W9"), { text: "04HM-A*W9", position: 6, code: null });
  assert.deepEqual(completeSoFar("04HM?"), { text: "04HM-?", position: 5, code: null });
  assert.deepEqual(completeSoFar("0?4?"), { text: "0?4?", position: 1, code: null });
  const more = completeSoFar("04HMASW9NF6YY02280");
  assert.deepEqual(more, { text: `${TYPED}0`, position: 21, code: null });
});

test("a whole code with a wrong character is complete and no code", () => {
  const wrong = completeSoFar("14HM-ASW9-NF6Y-Y022-8");
  assert.deepEqual(wrong, { text: "14HM-ASW9-NF6Y-Y022-8", position: null, code: null });
});

test("correcting what is corrected changes nothing, and a beginning stays a beginning", () => {
  for (const typed of ["o4hm asw9 nf6y yo22 8", "04u-x?1il", `${TYPED}00`, "\u{1f600}abcd"]) {
    const { text } = completeSoFar(typed);
    assert.equal(completeSoFar(text).text, text);
    const characters = Array.from(typed);
    for (let end = 0; end <= characters.length; end += 1) {
      const beginning = completeSoFar(characters.slice(0, end).join("")).text;
      assert.ok(text.startsWith(beginning), `${beginning} of ${text}`);
    }
  }
});
