// The pictures of the last run: each with its summary and, for those who cannot see it, its table.

import { get } from "./api.js";
import { attribute, each, hide, make, text } from "./dom.js";

const UNASKED = "left"; // what commands left is half of the verdict on them: shown without a click

/**
 * The fold with the pictures; they are asked for when it is open.
 *
 * @param {HTMLDetailsElement} fold
 * @param {HTMLElement} place
 * @param {string} exercise
 * @param {boolean} chosen whether somebody has opened or closed it before
 */
export function pictureView(fold, place, exercise, chosen) {
  let wanted = [];
  let run = "";
  let shown = "";
  let turn = 0;

  async function draw() {
    const theme = document.documentElement.dataset.theme ?? "light";
    const key = JSON.stringify([run, theme, wanted]);
    if (!fold.open || key === shown || !wanted.length) return;
    shown = key;
    const mine = (turn += 1);
    each(place, wanted, figure, (node, { name, title }) => {
      attribute(node, "data-testid", `picture-${name}`);
      text(node.querySelector("h3"), title);
    });
    await Promise.all(
      wanted.map(async ({ name }, index) => {
        const node = place.children[index];
        attribute(node, "aria-busy", "true");
        try {
          const path = `exercise/${encodeURIComponent(exercise)}/picture/${encodeURIComponent(name)}?theme=${theme}`;
          const picture = await get(path);
          if (mine === turn) fill(node, picture);
        } catch (error) {
          if (mine !== turn) return;
          shown = "";
          text(node.querySelector("figcaption"), `This picture cannot be shown. ${error.message}`);
        } finally {
          attribute(node, "aria-busy", null);
        }
      }),
    );
  }

  fold.addEventListener("toggle", draw);
  document.addEventListener("drydock:theme", draw);
  return (pictures, runKey) => {
    wanted = pictures;
    run = runKey;
    hide(fold, !pictures.length);
    text(fold.querySelector(".last-line"), pictures.map(({ title }) => title).join(", "));
    if (!chosen && pictures.some(({ name }) => name === UNASKED)) {
      chosen = true;
      fold.open = true;
    }
    draw();
  };
}

function figure() {
  const canvas = make("div", { class: "canvas", role: "img", tabindex: "0" });
  canvas.attachShadow({ mode: "open" }); // ids and styles of one drawing do not meet those of another
  return make(
    "figure",
    {},
    make("h3"),
    canvas,
    make("figcaption", { text: "Drawing…" }),
    make(
      "details",
      { hidden: true },
      make("summary", { text: "The numbers as a table" }),
      make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr")), make("tbody"))),
    ),
  );
}

function fill(node, { title, summary, svg, table }) {
  const canvas = node.querySelector(".canvas");
  canvas.shadowRoot.innerHTML = `<style>svg { display: block; max-width: 100%; min-width: 30rem; height: auto; }</style>${svg}`; // the server's own
  attribute(canvas, "aria-label", `${title}. ${summary}`);
  text(node.querySelector("h3"), title);
  text(node.querySelector("figcaption"), summary);
  const fold = node.querySelector("details");
  hide(fold, !table);
  if (!table) return;
  each(fold.querySelector("tr"), table.head, () => make("th", { scope: "col" }), text);
  each(
    fold.querySelector("tbody"),
    table.rows,
    () => make("tr"),
    (row, cells) => each(row, cells, () => make("td"), (cell, value) => {
      text(cell, String(value));
      cell.classList.toggle("number", /^[-+]?[\d.,]+( ?\S{1,5})?$/.test(String(value)));
    }),
  );
}
