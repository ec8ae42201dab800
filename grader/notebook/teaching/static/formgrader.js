// In formgrader's list of submissions: why one could not be graded, and the way to the page where all are graded at a time.

const root = `${base_url}/drydock`;

async function tell() {
  const answer = await fetch(`${root}/api/teach/${assignment_id}`, { credentials: "same-origin" });
  if (!answer.ok) return;
  const { rows } = await answer.json();
  const reasons = new Map(rows.filter(({ reason }) => reason).map(({ student, reason }) => [student, reason]));
  for (const row of document.querySelectorAll("#main-table tr")) {
    const student = row.querySelector(".student-id")?.textContent;
    const reason = reasons.get(student) ?? "";
    const place = row.querySelector(".status");
    let said = place?.querySelector(".drydock-reason");
    if (!place || (said?.textContent ?? "") === reason) continue;
    if (!said) {
      said = document.createElement("div");
      said.className = "drydock-reason small text-danger";
      place.append(said);
    }
    said.textContent = reason;
  }
}

const link = document.createElement("a");
link.href = `${root}/teach/#${assignment_id}`;
link.textContent = "Grade them all together, take in files, export grades: the page Teaching";
const line = document.createElement("p");
line.append(link);
document.querySelector(".breadcrumb")?.after(line);

// The list is drawn again after each action.
let timer = 0;
new MutationObserver(() => {
  clearTimeout(timer);
  timer = setTimeout(tell, 200);
}).observe(document.getElementById("main-table"), { childList: true, subtree: true });
tell();
