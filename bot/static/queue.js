// Keys, focus and half-filled fields of the queue's pages. Everything works without this file too, by mouse and Tab.
"use strict";

(() => {
  const FIELDS = "input, textarea, select";
  const day = () => document.getElementById("hari"); // the part that refreshes itself
  const isTyping = () => document.activeElement?.matches(FIELDS) ?? false;
  const isSeen = (element) => element.getClientRects().length > 0 && !element.disabled;

  let sent = null; // the key whose act is on its way
  let waiting = null; // one more key, for when its answer is there
  let isOnItsWay = false;

  const press = (key) => {
    const target = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && isSeen(each));
    if (!target) return false;
    if (target.matches(FIELDS)) {
      target.focus();
      target.select?.();
    } else {
      sent = key;
      target.click();
    }
    return true;
  };

  const leaveField = () => {
    const field = document.activeElement;
    if (field?.id === "cari" && field.value) {
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true })); // the whole list again
    }
    field?.blur();
  };

  const chooseFirst = (event) => {
    const first = document.querySelector("#cocok input[type=radio]");
    if (!first) return;
    event.preventDefault();
    first.checked = true;
    first.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (event.key === "Escape") return leaveField();
    if (event.key === "ArrowDown" && document.activeElement?.id === "nama") return chooseFirst(event);
    if (isTyping()) return;
    const key = event.key.toLowerCase();
    if (isOnItsWay) {
      if (key !== sent) waiting = key; // pressed twice: once is enough
      return;
    }
    if (press(key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-print]")) return;
    event.preventDefault();
    window.print();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-resend]")) event.target.form.submit(); // the sessions of another poli or day
  });

  // What somebody opened or began to fill in stays so when the list refreshes itself.
  const isChanged = (field) =>
    field.matches("select") ? [...field.options].some((option) => option.selected !== option.defaultSelected) : field.value !== field.defaultValue;
  let kept = null;

  const keep = (sender) => {
    const own = sender?.closest(".more-forms");
    const parts = [...day().querySelectorAll("details[id]")];
    const fields = [...day().querySelectorAll("input[id], select[id]")].filter((each) => !own?.contains(each) && isChanged(each));
    kept = {
      open: parts.filter((each) => each.open).map((each) => each.id),
      values: fields.map((each) => [each.id, each.value]),
      hadFocus: day().contains(document.activeElement),
    };
  };

  const restore = () => {
    for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of kept.values) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (kept.hadFocus && !day().contains(document.activeElement)) day().focus({ preventScroll: true });
    kept = null;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === day()) keep(event.detail.requestConfig?.elt);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (kept && event.detail.target === day()) restore();
    event.detail.target?.querySelector("[data-focus]")?.focus();
  });

  const stillFresh = () => {
    for (const warning of document.querySelectorAll("[data-stale]")) warning.replaceWith(warning.cloneNode(true));
  };

  const tell = (name) => {
    const words = document.getElementById(name);
    document.getElementById("kabar")?.replaceChildren(words?.content.cloneNode(true) ?? "");
  };

  const isAct = (event) => event.detail.requestConfig.verb === "post";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isAct(event)) isOnItsWay = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, elt } = event.detail;
    if (successful) stillFresh();
    if (!isAct(event)) return;
    isOnItsWay = false;
    if (successful && elt.matches("[data-clear]")) elt.reset();
    if (successful && event.detail.target !== day()) window.htmx.trigger(day(), "refresh");
    if (!successful) tell(event.detail.xhr.status ? "kabar-gagal" : "kabar-putus");
    const next = successful ? waiting : null;
    sent = waiting = null;
    if (next && !isTyping()) press(next);
  });

  for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  document.querySelector("[data-focus]")?.focus();
})();
