// Looks over the till's shoulder: when was what to be seen? Instants are milliseconds since 1970.
(() => {
  const clock = () => performance.timeOrigin + performance.now();
  let lookedAt = 0;

  // The till draws what it looks at, and hands that to its decoder.
  const drawing = OffscreenCanvasRenderingContext2D.prototype;
  const draw = drawing.drawImage;
  drawing.drawImage = function drawImage(...what) {
    lookedAt = clock();
    return draw.apply(this, what);
  };

  /** Resolves once what is there now has been painted. */
  const painted = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(clock());
        port2.postMessage(0);
      });
    });

  /** Takes the whole balance of the next voucher, each tap as soon as its button is there. */
  window.sell = () =>
    new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("neither green nor red")), 30_000);
      const at = {};
      const seen = new MutationObserver(look);
      function look() {
        if (document.querySelector(".till-main--looking")) {
          at.looked ??= lookedAt;
          at.read ??= clock();
        }
        const buttons = document.querySelectorAll(".till-pad__actions button");
        if (buttons.length > 1) {
          const [whole, redeem] = buttons;
          if (at.found === undefined) {
            at.found = clock();
            whole.click();
          } else if (at.tapped === undefined && !redeem.disabled) {
            at.tapped = clock();
            redeem.click();
          }
        }
        const heading = document.querySelector(".till-main--done h1, .till-main--refused h1");
        if (heading === null) return;
        seen.disconnect();
        void painted().then((green) => resolve({ ...at, green, words: heading.textContent }));
      }
      seen.observe(document, { subtree: true, childList: true, attributes: true });
    });

  /**
   * Gets ready for the least that a sale can be, which window.least then tells: wait for a
   * frame with the voucher, decode its middle once, ask twice, paint once.
   *
   * @param reader the address of the decoder's script.
   * @param corner of the voucher in the picture, where it is white and the counter grey.
   * @param side of the middle, in points.
   */
  window.prepareLeast = async ({ reader, corner, side, padding }) => {
    const { BarcodeDetector } = await import(reader);
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const video = document.createElement("video");
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { width: 1280, height: 720 },
    });
    document.body.append(video);
    await video.play();
    const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
    await detector.detect(canvas);

    async function held() {
      const until = clock() + 30_000;
      while (clock() < until) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        draw.call(context, video, ...corner, 1, 1, 0, 0, 1, 1);
        if (context.getImageData(0, 0, 1, 1).data[0] > 220) return clock();
      }
      throw new Error("no voucher in the picture");
    }

    window.least = (async () => {
      const seen = await held();
      draw.call(context, video, left, top, side, side, 0, 0, side, side);
      const [code] = await detector.detect(canvas);
      const decoded = clock();
      for (let asked = 0; asked < 2; asked += 1) {
        const headers = { "x-as-long-as-a-sale": padding };
        const answer = await fetch("/health/live", { cache: "no-store", headers });
        await answer.text();
      }
      const answered = clock();
      document.title += ".";
      const green = await painted();
      for (const track of video.srcObject.getTracks()) track.stop();
      video.remove();
      return { seen, decoded, answered, green, words: code?.rawValue };
    })();
  };
})();
