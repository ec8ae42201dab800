// A classic script, not a module: it must set the colours before the first paint.
// In JupyterLab's frame the pages follow its theme; anywhere else, the system's. Whoever draws listens to "drydock:theme".
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function lab() {
    try {
      return window.parent === window ? null : window.parent.document.body;
    } catch {
      return null; // a frame of another origin
    }
  }

  function apply() {
    const light = lab()?.dataset.jpThemeLight;
    const theme = light === undefined ? (system.matches ? "dark" : "light") : light === "false" ? "dark" : "light";
    if (root.dataset.theme !== theme) {
      root.dataset.theme = theme;
      document.dispatchEvent(new CustomEvent("drydock:theme"));
    }
  }

  apply();
  system.addEventListener("change", apply);
  const body = lab();
  if (body) {
    root.dataset.framed = "";
    new MutationObserver(apply).observe(body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  }
})();
