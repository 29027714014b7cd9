// As in a browser from before Ed25519 (Chrome 136, Firefox 128, Safari 16): the rest of
// WebCrypto is there, but this algorithm is not known.

import assert from "node:assert/strict";
import { test } from "node:test";

let asked = 0;
crypto.subtle.importKey = () => {
  asked += 1;
  return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
};

const { byWebCrypto, verifierOfThisBrowser } = await import("../src/token/signature.ts");
const { testEveryTokenCase } = await import("./token_cases.ts");

testEveryTokenCase();

test("it was not the browser that verified, and it was asked only once", async () => {
  assert.notEqual(await verifierOfThisBrowser(), byWebCrypto);
  assert.equal(asked, 1);
});
