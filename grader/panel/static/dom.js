// Helpers that make nodes once and then change them in place, so that focus, scroll and open folds survive each update.

/** Make an element; `props` are attributes (false and null: left out), except `text`. Children are nodes or strings. */
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "text") node.textContent = value;
    else attribute(node, name, value);
  }
  node.append(...children);
  return node;
}

/** Set or remove an attribute, only where that changes something. */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value === true ? "" : value)) node.setAttribute(name, value === true ? "" : value);
}

/** Set a text, only where that changes something: a live region would say it again. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/** Set a text, and hide the node when there is none. */
export function textOrHide(node, value) {
  text(node, value ?? "");
  hide(node, !value);
}

/** Hide or show a node. */
export function hide(node, hidden = true) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** Keep `parent`'s children in step with `items`, by place: the nodes that are there are updated, never made again. */
export function each(parent, items, create, update) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  items.forEach((item, index) => {
    let node = parent.children[index];
    if (!node) {
      node = create(item, index);
      parent.append(node);
    }
    update(node, item, index);
  });
}

/**
 * Keep `parent`'s children in step with `items`, by their keys: a node stays with its item, wherever that goes, and nodes that need not
 * move do not, so that focus stays where it is.
 */
export function eachKeyed(parent, items, create, update) {
  const wanted = new Set(items.map((item) => item.key));
  const there = new Map();
  for (const node of [...parent.children]) {
    if (wanted.has(node.dataset.key)) there.set(node.dataset.key, node);
    else node.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    let node = there.get(item.key);
    if (!node) {
      node = create(item);
      node.dataset.key = item.key;
    }
    if (node === place) place = place.nextElementSibling;
    else move(parent, node, place);
    update(node, item);
  }
}

function move(parent, node, place) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(node, place);
  focused?.focus({ preventScroll: true });
}

/** An icon of the sheet in the page, hidden from screen readers: a word always stands beside it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  setIcon(svg, name);
  return svg;
}

/** Change an icon. */
export function setIcon(svg, name) {
  attribute(svg.firstElementChild, "href", `#icon-${name}`);
}

/** The page is there with all its parts: the next failure to load one counts from zero. */
export function loaded() {
  document.documentElement.dataset.loaded = "";
  try {
    sessionStorage.removeItem("drydock:tries");
  } catch {
    // no storage
  }
}

/** Remember in this browser tab whether a fold is open; returns whether somebody has chosen before. */
export function rememberFold(details, key) {
  const name = `drydock:${location.pathname}:${key}`;
  let kept = null;
  try {
    kept = sessionStorage.getItem(name);
    if (kept !== null) details.open = kept === "open";
  } catch {
    return false; // no storage: folds are as they are
  }
  details.addEventListener("toggle", () => sessionStorage.setItem(name, details.open ? "open" : "closed"));
  return kept !== null;
}
