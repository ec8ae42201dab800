// Whether anybody can see the page: a hidden tab of the browser, or a hidden tab of JupyterLab around its frame.

/** Call `told(visible)` whenever that changes. */
export function watchVisible(told) {
  let shown = true;
  let last = null;

  function tell() {
    const visible = shown && document.visibilityState === "visible";
    if (visible !== last) told((last = visible));
  }

  document.addEventListener("visibilitychange", tell);
  try {
    // The frame's own document does not learn that its tab is hidden; the parent's observer does.
    const frame = window.frameElement;
    if (frame) {
      const observer = new window.parent.IntersectionObserver((entries) => {
        shown = entries.at(-1).isIntersecting;
        tell();
      });
      observer.observe(frame);
      window.addEventListener("pagehide", () => observer.disconnect());
    }
  } catch {
    // A frame of another origin: taken for visible.
  }
}
