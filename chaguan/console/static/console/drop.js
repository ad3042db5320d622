// Drag a file onto the page and watch it go up. Without this script the plain form does the same.
(function () {
  const form = document.querySelector("[data-drop]");
  if (!form) return;
  const field = form.querySelector("input[type=file]");
  const name = form.querySelector("[data-drop-name]");
  const bar = form.querySelector("[data-drop-bar]");

  form.classList.add("drop--script");
  function shown(size) {
    return size > 1e6 ? `${(size / 1e6).toFixed(1)} MB` : `${Math.ceil(size / 1e3)} KB`;
  }
  function show() {
    const file = field.files[0];
    form.classList.toggle("drop--ready", Boolean(file));
    name.textContent = file ? `${file.name} · ${shown(file.size)}` : "";
  }
  field.addEventListener("change", show);
  for (const kind of ["dragover", "dragenter"]) {
    form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.add("drop--over"); });
  }
  for (const kind of ["dragleave", "drop"]) {
    form.addEventListener(kind, () => form.classList.remove("drop--over"));
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    show();
  });

  form.addEventListener("submit", (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    const words = bar.querySelector(".meter__words span");
    bar.hidden = false;
    request.upload.addEventListener("progress", (step) => {
      const share = step.total ? step.loaded / step.total : 0;
      bar.querySelector(".meter__fill").style.width = `${Math.round(share * 100)}%`;
      words.textContent = share < 1 ? `${bar.dataset.words} ${shown(step.loaded)} / ${shown(step.total)}` : bar.dataset.reading;
    });
    request.addEventListener("load", () => {
      const place = request.getResponseHeader("HX-Redirect");
      if (place) { window.location.assign(place); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const drop = answer.getElementById("drop");
      if (drop && request.status < 500) document.getElementById("drop").replaceWith(drop);
      else document.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr: request } }));
      document.querySelector("[data-drop] input[type=file]")?.focus();
    });
    request.addEventListener("error", () => {
      bar.hidden = true;
      document.dispatchEvent(new CustomEvent("htmx:sendError"));
    });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(new FormData(form));
  });
})();
