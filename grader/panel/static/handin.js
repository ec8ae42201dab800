// Handing in: a name where none is known, then an archive to keep, and the exchange where labs share one.

import { address, get, post } from "./api.js";
import { hide, make, text, textOrHide } from "./dom.js";
import { notify } from "./notices.js";
import { moment } from "./words.js";

const $ = (id) => document.getElementById(`hand-in${id && `-${id}`}`);

/** The button and its dialog; `saved` saves what is open and says whether that worked. */
export function handIn(exercise, saved) {
  const path = `exercise/${encodeURIComponent(exercise)}/hand-in`;
  const dialog = $("view");

  async function open() {
    if (!(await saved())) return;
    try {
      show(await get(path));
    } catch (error) {
      notify(error.message, error.nextStep, "error");
      return;
    }
    dialog.showModal();
  }

  function show({ learner, fixed, exchange, last }) {
    const who = fixed ? `You hand in as ${learner}. ` : "";
    text($("about"), who + (exchange
      ? "Your files go to your instructor, and you get an archive of them to keep."
      : "You get one archive with your files: give it to your instructor as they have asked you to."));
    hide($("who"), fixed);
    $("name").value = learner;
    textOrHide($("last"), last ? `Last time: ${moment(last.at)}, as ${last.learner}, checksum ${last.checksum.slice(0, 12)}.` : "");
    text($("trouble"), "");
    hide($("feedback"), !exchange || !last);
    $("feedback").href = address(`exercise/${encodeURIComponent(exercise)}/feedback`);
  }

  async function send(event) {
    event.preventDefault();
    const button = $("yes");
    if (button.disabled) return;
    button.disabled = true;
    text(button, "Handing in…");
    text($("trouble"), "");
    try {
      const said = await post(path, { name: $("name").value });
      make("a", { href: address(`${path}/${said.checksum}`), download: said.name }).click();
      dialog.close();
      const again = said.renamed ? " Some exercises have numbers made from your name: check once more, and hand in again if something fails." : "";
      if (said.trouble) notify(said.trouble, `${said.name} is in your downloads.`, "error");
      else notify(
        said.exchange ? `Handed in as ${said.learner}.` : `${said.name} is in your downloads: give it to your instructor.`,
        `Checksum: ${said.checksum.slice(0, 12)}.${again}`,
        "good",
      );
    } catch (error) {
      text($("trouble"), `${error.message} ${error.nextStep ?? ""}`);
    } finally {
      button.disabled = false;
      text(button, "Hand in");
    }
  }

  $("").addEventListener("click", open);
  $("no").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", send);
}
