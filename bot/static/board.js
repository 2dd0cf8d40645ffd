/* The board keeps itself fresh: it asks every few seconds, flashes what is called, says when it hears nothing more,
   and loads itself anew at night and after an update. Written for the browsers of old television sets. */

(function () {
  "use strict";

  var ASK_AGAIN_MS = 4000;
  var ANSWER_WITHIN_MS = 5000;
  var FAILURES_UNTIL_STALE = 3;
  var FLASH_MS = 12000;
  var OLD_AFTER_MS = 20 * 3600 * 1000;
  var NIGHT_HOUR = 3;

  var board = document.getElementById("papan");
  var voice = window.sapaVoice ? window.sapaVoice(document.getElementById("suara")) : null;
  var etag = null;
  var failures = 0;
  var loadedAt = Date.now();
  var build = buildOf(board);
  var heard = {};
  var flashing = {};

  callsIn(board).forEach(function (call) { heard[call.id] = true; });
  askLater();

  function askLater() {
    window.setTimeout(ask, ASK_AGAIN_MS + Math.random() * 500);
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open("GET", board.getAttribute("data-live"));
    request.timeout = ANSWER_WITHIN_MS;
    if (etag) { request.setRequestHeader("If-None-Match", etag); }
    request.onloadend = function () {
      if (request.status === 200) {
        etag = request.getResponseHeader("ETag");
        show(request.responseText);
      }
      if (request.status === 200 || request.status === 304) { hearWell(); } else { hearNothing(); }
      askLater();
    };
    request.send();
  }

  function show(html) {
    var fresh = new DOMParser().parseFromString(html, "text/html").body;
    var calls = callsIn(fresh);
    if (!calls.list) { return; } /* another page than ours: a proxy's or a portal's */
    while (board.firstChild) { board.removeChild(board.firstChild); }
    while (fresh.firstChild) { board.appendChild(fresh.firstChild); }
    var known = {};
    calls.forEach(function (call) {
      known[call.id] = true;
      if (!heard[call.id]) { announce(call); }
    });
    heard = known; /* what is no longer listed never comes back */
    flash();
  }

  function announce(call) {
    flashing[call.room] = Date.now() + FLASH_MS;
    if (voice) { voice.say(call); }
  }

  function flash() {
    var now = Date.now();
    var doors = board.querySelectorAll(".door");
    Object.keys(flashing).forEach(function (room) { if (flashing[room] < now) { delete flashing[room]; } });
    for (var i = 0; i < doors.length; i += 1) {
      doors[i].classList.toggle("called", flashing[doors[i].getAttribute("data-room")] > now);
    }
    if (Object.keys(flashing).length) { window.setTimeout(flash, FLASH_MS + 100); }
  }

  function hearWell() {
    failures = 0;
    board.classList.remove("lost");
    freshenWarning();
    var isNight = hourOf(board) === NIGHT_HOUR && Date.now() - loadedAt > OLD_AFTER_MS;
    if (isNight || buildOf(board) !== build) { reload(); }
  }

  function hearNothing() {
    failures += 1;
    if (failures >= FAILURES_UNTIL_STALE) { board.classList.add("lost"); }
  }

  /* The warning appears by itself when it has stood for a while: without this script's help, should it hang. */
  function freshenWarning() {
    var warning = board.querySelector(".stale");
    if (warning) { warning.parentNode.replaceChild(warning.cloneNode(true), warning); }
  }

  /* Only when the page answers: a browser's own error page would stay for ever. */
  function reload() {
    var request = new XMLHttpRequest();
    request.open("GET", window.location.href);
    request.timeout = ANSWER_WITHIN_MS;
    request.onload = function () { if (request.status === 200) { window.location.reload(); } };
    request.send();
  }

  function callsIn(part) {
    var list = part.querySelector(".calls");
    var items = list ? list.querySelectorAll("li") : [];
    var calls = Array.prototype.map.call(items, function (item) {
      return {
        id: item.getAttribute("data-id"),
        room: item.getAttribute("data-room"),
        code: item.textContent,
        clips: item.getAttribute("data-clips").split(" ").filter(Boolean),
      };
    });
    calls.list = list;
    return calls;
  }

  function buildOf(part) {
    var header = part.querySelector("[data-build]");
    return header ? header.getAttribute("data-build") : null;
  }

  function hourOf(part) {
    var header = part.querySelector("[data-hour]");
    return header ? Number(header.getAttribute("data-hour")) : null;
  }
})();
