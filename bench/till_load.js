// Taps the till's first button as soon as it is there, and notes when that had an effect to be
// seen. Instants are milliseconds since the page was asked for.
(() => {
  const painted = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(0);
      });
    });

  window.interactive = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no tap shows anything")), 30_000);
    const seen = new MutationObserver(look);
    let tapped = false;
    function look() {
      const unpaired = document.querySelector('a[href="/kasse/koppeln"]');
      if (unpaired !== null) {
        unpaired.addEventListener("click", (event) => event.preventDefault());
        unpaired.addEventListener("click", () => void painted().then(resolve));
        seen.disconnect();
        void painted().then(() => unpaired.click());
        return;
      }
      if (document.querySelector(".till-main--type form") !== null) {
        seen.disconnect();
        void painted().then(resolve);
        return;
      }
      const type = document.querySelector(".till-main--scan .till-actions button");
      if (type === null || tapped) return;
      tapped = true;
      void painted().then(() => type.click());
    }
    seen.observe(document, { subtree: true, childList: true });
  });
})();
