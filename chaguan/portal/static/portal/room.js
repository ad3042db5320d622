// Keeps an open room up to date: asks "anything after this version?" and puts new lines in their place.
(function () {
  const list = document.getElementById("lines");
  if (!list || !list.dataset.live) return;
  const talk = document.querySelector(".talk");
  const state = document.getElementById("state");
  const pen = document.getElementById("pen");
  const QUICK = 3000;
  const SLOW = 15000;
  const QUIET_AFTER = 120000; // without news for two minutes: ask less often
  const LONGEST = 60000;
  let wait = QUICK;
  let newsAt = Date.now();
  let failures = 0;
  let timer = 0;
  let isAsking = false;

  const isAtEnd = () => talk.scrollTop > -60; // the talk is reversed: its end is 0
  const say = (words) => { if (state) state.textContent = words || ""; };

  function keep(response) {
    list.dataset.version = response.headers.get("X-Room-Version") || list.dataset.version;
    list.dataset.ticket = response.headers.get("X-Room-Ticket") || list.dataset.ticket;
    const mark = response.headers.get("X-Form-Mark");
    if (pen && mark && !pen.elements.text.value) pen.elements.mark.value = mark;
  }

  function place(html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    let added = 0;
    for (const item of [...box.content.children]) {
      if (item.dataset.day) {
        if (list.querySelector(`[data-day="${item.dataset.day}"]`)) continue;
      } else if (document.getElementById(item.id)) continue;
      else added += 1;
      list.append(item);
    }
    const lines = [...list.querySelectorAll(".line")];
    lines.sort((a, b) => a.dataset.at - b.dataset.at || a.id.slice(1) - b.id.slice(1));
    const last = lines.at(-1);
    if (last) list.dataset.last = last.id.slice(1);
    document.querySelector(".talk .card--calm")?.remove();
    return added;
  }

  function show(html) {
    const stay = isAtEnd();
    const added = place(html);
    if (!added) return;
    newsAt = Date.now();
    if (stay) talk.scrollTop = 0;
    else offer();
  }

  function offer() {
    if (document.querySelector(".newer")) return;
    const button = document.createElement("button");
    button.className = "button newer";
    button.type = "button";
    button.textContent = state.dataset.new;
    button.addEventListener("click", () => { talk.scrollTop = 0; button.remove(); });
    talk.prepend(button);
  }

  async function ask() {
    if (isAsking || document.hidden) return;
    isAsking = true;
    const { live, version, ticket, last } = list.dataset;
    try {
      const query = new URLSearchParams({ v: version, t: ticket, after: last });
      const response = await fetch(`${live}?${query}`, { headers: { "X-Portal-Live": "1" } });
      if (response.status === 401 || response.status === 404) {
        say(state?.dataset.gone);
        return;
      }
      if (response.status === 200) {
        keep(response);
        show(await response.text());
      }
      if (failures) say("");
      failures = response.ok ? 0 : failures + 1;
    } catch {
      failures += 1;
      say(state?.dataset.away);
    } finally {
      isAsking = false;
    }
    plan();
  }

  function plan() {
    window.clearTimeout(timer);
    wait = Date.now() - newsAt > QUIET_AFTER ? SLOW : QUICK;
    if (failures) wait = Math.min(LONGEST, wait * 2 ** failures);
    timer = window.setTimeout(ask, wait * (0.85 + Math.random() * 0.3)); // rooms do not ask in step
  }

  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (!document.hidden) { newsAt = Date.now(); ask(); }
  });

  async function send() {
    const button = document.getElementById("send");
    if (button.disabled || !pen.elements.text.value.trim()) return;
    button.disabled = true;
    const body = new URLSearchParams(new FormData(pen));
    body.set("after", list.dataset.last);
    try {
      const response = await fetch(pen.action, { method: "POST", body, headers: { "X-Portal-Live": "1" } });
      if (response.ok) {
        pen.elements.text.value = "";
        answer("", "");
        keep(response);
        talk.scrollTop = 0;
        show(await response.text());
        say("");
      } else {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        say(page.querySelector(".pen [role=alert]")?.textContent || state.dataset.failed);
        const mark = page.querySelector("#pen [name=mark]");
        if (mark) pen.elements.mark.value = mark.value;
      }
    } catch {
      say(state.dataset.failed); // the mark stays: sending again cannot post twice
    } finally {
      button.disabled = false;
      pen.elements.text.focus();
    }
  }

  function answer(id, words) {
    pen.elements.answers.value = id;
    document.getElementById("answering").hidden = !id;
    document.getElementById("answered").textContent = words;
  }

  if (pen) {
    pen.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    pen.elements.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches) {
        event.preventDefault();
        send();
      }
    });
    list.addEventListener("click", (event) => {
      const link = event.target.closest("[data-reply]");
      if (!link) return;
      event.preventDefault();
      const line = link.closest(".line");
      const name = line.querySelector(".line__who span").textContent;
      answer(link.dataset.reply, `${name}: ${line.querySelector(".line__text").textContent.trim().slice(0, 60)}`);
      pen.elements.text.focus();
    });
    document.getElementById("answer-none").addEventListener("click", (event) => {
      event.preventDefault();
      answer("", "");
    });
  }
  plan();
})();
