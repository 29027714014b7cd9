// The till's own rules: keying in an amount, paying a sale, and what may be taken without a net.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { entered, LARGEST_CENTS } from "../src/till/keypad.ts";
import { deviceLeft, roomFor, type Taken } from "../src/till/offline/rules.ts";
import { afterPaying, isOpen, NO_SALE, paidCents, partOf, type Paid } from "../src/till/sale.ts";
import { asOnGermanKeyboard } from "../src/till/scan/presented.ts";

function keyed(...keys: string[]): number {
  return keys.reduce(entered, 0);
}

function paid(amountCents: number): Paid {
  const id = String(amountCents);
  return { redemptionId: id, amountCents, leftCents: 0, at: "", townName: "", serial: 1, claimed: false };
}

describe("an amount comes in from the right", () => {
  test("1 2 5 0 are 12.50 EUR", () => assert.equal(keyed("1", "2", "5", "0"), 12_50));
  test("7 00 are 7 EUR", () => assert.equal(keyed("7", "00"), 7_00));
  test("a leading 0 and 00 are nothing", () => assert.equal(keyed("0", "00", "5"), 5));
  test("back takes the last digit", () => assert.equal(keyed("1", "2", "5", "back"), 12));
  test("back of nothing is nothing", () => assert.equal(keyed("back"), 0));
  test("a number too long stays as it was", () => {
    assert.equal(entered(LARGEST_CENTS, "1"), LARGEST_CENTS);
    assert.equal(entered(1_000_000, "00"), 1_000_000);
  });
});

describe("a sale is paid with one voucher or with several", () => {
  test("50 EUR of 62.50 leave 12.50, which the next voucher pays", () => {
    assert.equal(partOf(62_50, 50_00), 50_00);
    const first = afterPaying(NO_SALE, 62_50, paid(50_00));
    assert.equal(first.openCents, 12_50);
    assert.ok(isOpen(first));
    assert.equal(partOf(12_50, 40_00), 12_50);
    const second = afterPaying(first, 12_50, paid(12_50));
    assert.ok(!isOpen(second));
    assert.equal(paidCents(second), 62_50);
  });
  test("nothing is open before anything is entered", () => assert.ok(!isOpen(NO_SALE)));
});

describe("without a net, the town's terms hold", () => {
  const terms = { voucher_cents: 30_00, device_cents: 100_00, outage_minutes: 120, bearer: "town" } as const;
  const began = Date.parse("2026-12-05T10:00:00Z");
  const soon = began + 60_000;
  const voucher = { id: "A", faceValueCents: 50_00 };
  const took = (voucher: string, amountCents: number, more: Partial<Taken> = {}): Taken => ({
    voucher,
    amountCents,
    outageBeganAt: began,
    uploaded: false,
    ...more,
  });

  test("where the town allows nothing, nothing is taken", () => {
    assert.deepEqual(roomFor(null, [], voucher, began, soon), { code: "offline.off" });
  });
  test("30 EUR of a voucher of 50 EUR", () => {
    const room = roomFor(terms, [], voucher, began, soon);
    assert.deepEqual(room, { mostCents: 30_00, deviceLeftCents: 100_00, givenCents: 0 });
  });
  test("never more than it was sold for", () => {
    const room = roomFor(terms, [], { id: "A", faceValueCents: 10_00 }, began, soon);
    assert.equal("mostCents" in room && room.mostCents, 10_00);
  });
  test("scanned again in the same outage, it gives what is left of the 30 EUR", () => {
    const room = roomFor(terms, [took("A", 20_00)], voucher, began, soon);
    assert.deepEqual(room, { mostCents: 10_00, deviceLeftCents: 80_00, givenCents: 20_00 });
  });
  test("it counts even when it was handed in and the same outage goes on", () => {
    const room = roomFor(terms, [took("A", 30_00, { uploaded: true })], voucher, began, soon);
    assert.deepEqual(room, { code: "offline.limit", maxCents: 30_00, leftCents: 70_00 });
  });
  test("in the next outage it counts no more", () => {
    const before = took("A", 30_00, { uploaded: true, outageBeganAt: began - 86_400_000 });
    const room = roomFor(terms, [before], voucher, began, soon);
    assert.equal("mostCents" in room && room.mostCents, 30_00);
  });
  test("five times 20 EUR fill the device: the sixth is refused", () => {
    const five = ["B", "C", "D", "E", "F"].map((each) => took(each, 20_00));
    assert.equal(deviceLeft(terms, five, began), 0);
    const refusal = roomFor(terms, five, voucher, began, soon);
    assert.deepEqual(refusal, { code: "offline.limit", maxCents: 30_00, leftCents: 0 });
  });
  test("what was handed in makes room again", () => {
    const handedIn = [took("B", 90_00, { uploaded: true })];
    assert.equal(deviceLeft(terms, handedIn, began), 10_00); // as long as it is the same outage
    assert.equal(deviceLeft(terms, handedIn, began + 60_000), 100_00);
  });
  test("after two hours nothing is taken", () => {
    const minute = 60_000;
    assert.ok("mostCents" in roomFor(terms, [], voucher, began, began + 120 * minute));
    const late = roomFor(terms, [], voucher, began, began + 120 * minute + 1);
    assert.deepEqual(late, { code: "offline.too_late", minutes: 120 });
  });
  test("a clock that was turned back stops it", () => {
    assert.deepEqual(roomFor(terms, [], voucher, began, began - 61_000), { code: "offline.clock" });
    assert.ok("mostCents" in roomFor(terms, [], voucher, began, began - 59_000));
  });
});

describe("a scanner that takes a German keyboard for an American one", () => {
  test("is read as it was meant", () => {
    assert.equal(asOnGermanKeyboard("HTTPSÖ--KASSE.EXAMPLE-V-ZY2"), "HTTPS://KASSE.EXAMPLE/V/YZ2");
  });
});
