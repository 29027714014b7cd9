// Finds QR codes in a picture: with the browser's own detector where it has one, else with
// ZXing as WebAssembly, which is loaded only then and from our own host.
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";

/** Returns the texts of the QR codes in a picture. */
export type Decode = (picture: OffscreenCanvas) => Promise<string[]>;

interface Detector {
  detect(picture: OffscreenCanvas): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: ["qr_code"] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

let made: Promise<Decode> | undefined;

/**
 * Returns the one decoder.
 *
 * @throws TypeError when ZXing is needed and cannot be loaded, WebAssembly.CompileError when it
 * came damaged; the next call tries again.
 */
export function decoder(): Promise<Decode> {
  made ??= makeDecoder().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function makeDecoder(): Promise<Decode> {
  const detector = new (await detectorClass())({ formats: ["qr_code"] });
  return async (picture) => (await detector.detect(picture)).map(({ rawValue }) => rawValue);
}

async function detectorClass(): Promise<DetectorClass> {
  const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if ((await native?.getSupportedFormats())?.includes("qr_code")) return native as DetectorClass;
  // Both at once: on a slow net one after the other takes half a second longer.
  const [{ BarcodeDetector, prepareZXingModule }, compiled] = await Promise.all([
    import("barcode-detector/ponyfill"),
    WebAssembly.compileStreaming(fetch(wasmUrl)),
  ]);
  const instantiateWasm = (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): WebAssembly.Exports => {
    void WebAssembly.instantiate(compiled, imports).then(done);
    return {}; // it is not ready yet
  };
  await prepareZXingModule({ overrides: { instantiateWasm }, fireImmediately: true });
  return BarcodeDetector;
}
